/** One call as the server delivered it: nothing checked, nothing parsed. */
export interface RawCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, or what was meant to be. */
  readonly arguments: string;
}

export interface Usage {
  readonly prompt: number;
  readonly completion: number;
  /** Prompt tokens that came from the prefix cache, null when the server does not say. */
  readonly cached: number | null;
}

/** One answer of the model, assembled but not yet judged. */
export interface Completion {
  readonly content: string;
  readonly reasoning: string;
  readonly calls: readonly RawCall[];
  /** Null when the stream ended without one. Not to be trusted: servers say tool_calls for an answer that was cut. */
  readonly finish: string | null;
  readonly usage: Usage | null;
  /** max_tokens of the request. */
  readonly cap: number;
  /** What a guard saw in the stream when it cut the answer short, null when nothing did. */
  readonly loop: string | null;
  readonly streamed: boolean;
}
