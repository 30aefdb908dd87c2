import type { Message } from '../../agent/history/message.ts';

/** What a scripted model sees of a request. */
export interface BrainRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly BrainTool[];
  /** Assistant turns before this one. */
  readonly turn: number;
  /** Sampling and the like: everything of the body beside messages and tools. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface BrainTool {
  readonly name: string;
  readonly parameters: { readonly properties: Readonly<Record<string, unknown>>; readonly required: readonly string[] };
}

/** What a model that misbehaves in no way would answer. */
export interface BrainTurn {
  readonly reasoning?: string;
  readonly content?: string;
  readonly calls: readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[];
  /** Calls and ending exactly as they came once, for a replay; `calls` is ignored then. */
  readonly verbatim?: {
    readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
    readonly finish: string | null;
    readonly completionTokens: number | null;
    /** What usage said of the prompt; null: what this server counts. */
    readonly promptTokens: number | null;
  };
}

/** A brain throws it to answer nothing: the request is refused, for good unless another status says that asking again may help. */
export class BrainRefuses extends Error {
  readonly status: number;

  constructor(message: string, status = 403) {
    super(message);
    this.status = status;
  }
}

/** Stands in for the weights: proposes, and knows nothing of the protocol. */
export type Brain = (request: BrainRequest) => BrainTurn | Promise<BrainTurn>;
