import type { Message } from '../../agent/history/message.ts';
import type { Random } from '../../base/random.ts';
import type { Refusal } from './acceptance.ts';
import type { BrainTool } from './brain.ts';
import type { Wire } from './chunks.ts';
import type { Draft } from './draft.ts';

/** What a fault may look at and touch. */
export interface FaultContext {
  readonly random: Random;
  readonly messages: readonly Message[];
  readonly tools: readonly BrainTool[];
  readonly body: Readonly<Record<string, unknown>>;
  readonly promptTokens: number;
  readonly stream: boolean;
  readonly maxTokens: number;
  /** Remembered for as long as the same task is asked about. */
  readonly conversation: Map<string, number>;
  readonly engine: Engine;
  /** The calls of the answer as the model wrote them, in XML. */
  readonly callText: string;
  /** How long a silence lasts, ms. */
  readonly silenceMs: number;
}

/** The state that outlives a request: what a restart clears. */
export interface Engine {
  /** Epoch ms until which nobody answers. */
  deadUntil: number;
  /** Requests still to be answered from corrupt memory. */
  poisoned: number;
  running: number;
  generated: number;
  prefixQueries: number;
  prefixHits: number;
}

/**
 * One way of going wrong, named by its row in the catalogue. Every hook is optional: `refuse` answers with an error in
 * place of a turn, `draft` spoils the answer, `stream` spoils the bytes, `engine` spoils the server.
 */
export interface FaultMode {
  readonly id: string;
  readonly title: string;
  /** Whether it can happen to this answer at all; always when absent. */
  when?(draft: Draft, context: FaultContext): boolean;
  refuse?(context: FaultContext): Refusal | null;
  /** False: the refusal does not come again for the same request. */
  readonly lasting?: false;
  draft?(draft: Draft, context: FaultContext): Draft;
  stream?(wires: Wire[], context: FaultContext): Wire[];
  engine?(engine: Engine, context: FaultContext): void;
}
