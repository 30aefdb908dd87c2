import type { CallTool, Drive, RunSession, ToolDefinition, ToolResult } from '../agent/contract.ts';
import type { GateResult, Outcome, Verdict } from '../gates/verdict.ts';
import type { RunEvent } from '../journal/events.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import type { Directive } from '../search/directive/directive.ts';

/** The parts whose change opens a new segment; each value is a hash or a version. */
export type Provenance = Readonly<Record<string, string>>;

/** What the session is told: the stable prefix and the volatile rest. */
export interface Brief {
  readonly system: string;
  readonly task: string;
  /** Estimated tokens that the digest in it was given; absent where there is none. */
  readonly digestTokens?: number;
}

/** A candidate as the loop sees it: files by name, nothing about what is inside. */
export interface Submission {
  readonly candidate: string;
  readonly family: string;
  readonly hypothesis: string;
  readonly files: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, number>>;
  /** SHA-256 over files and params: equal submissions are equal trials. */
  readonly fingerprint: string;
}

export interface Evaluation {
  readonly outcome: Outcome;
  /** Every gate that ran, in order. */
  readonly gates: readonly GateResult[];
  /** Agent-visible numbers of the train side, by name; null where undefined. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Ranking score, null when the candidate never got far enough. */
  readonly score: number | null;
  /** Daily returns of the train window, for deflation and redundancy. */
  readonly returns: Float64Array;
  /** Fingerprint of the equity curve; null when nothing ran. */
  readonly fingerprint: string | null;
  readonly seconds: number;
  /** The answer of held-back data, where it was asked. For the harness alone: never shown to a session or a tracker. */
  readonly heldBack?: { readonly passed: boolean; readonly sharpe: number | null };
}

export interface TrialResult {
  readonly trial: string;
  readonly submission: Submission;
  readonly evaluation: Evaluation;
}

/** What a task's tool may ask of the loop during a cycle. */
export interface Cycle {
  readonly id: number;
  readonly directive: Directive;
  /** Which of the brief's varied remarks this cycle carries, null for none. */
  readonly nudge: number | null;
  readonly runDir: string;
  /** Every event so far, replayed. */
  readonly events: readonly RunEvent[];
  /** The journal as the brief of this cycle may show it: among several sessions at once, each sees its own part. */
  readonly seen: readonly RunEvent[];
  /**
   * Charges the trials in the journal, evaluates them as one batch, records the results. Throws a RalphError when
   * the cycle has fewer trials left than the batch needs.
   */
  runTrials(submissions: readonly Submission[]): Promise<TrialResult[]>;
  /** Daily returns of a finished trial over the train window; empty when it never got that far. */
  returnsOf(trial: string): Float64Array;
  /** Runs something heavy when a core is free: sessions at once share them. */
  whenFree<T>(step: () => Promise<T>): Promise<T>;
  /** Files of the cycle's folder; replaced whole, not waited for. */
  readFile(name: string): string | undefined;
  writeFile(name: string, content: string): void;
  trialsLeft(): number;
  /** Journals a note, a lesson, an answer to a hint, a refusal. */
  record(event: { type: string } & Record<string, unknown>): void;
}

export interface TaskTool extends ToolDefinition {
  run(args: Readonly<Record<string, unknown>>, cycle: Cycle): Promise<ToolResult>;
}

/**
 * The contract between loop and subject. Trading is the first task; any command that prints a number is the second.
 */
export interface Task {
  readonly name: string;
  /** Kinds of idea that are known before anything was tried. */
  readonly families: readonly string[];
  /** Varied remarks that a brief may carry. */
  readonly nudges: number;
  provenance(): Promise<Provenance>;
  /** Checks at the start of a run (feasibility, canaries). Throws RalphError when the run must not start. */
  preflight(): Promise<void>;
  brief(cycle: Cycle): Promise<Brief>;
  readonly tools: readonly TaskTool[];
  /** The task on the blocks wire: its system text, the same in every cycle, and what to ask next. Absent: tools only. */
  blocks?(cycle: Cycle, call: CallTool): { readonly system: string; readonly drive: Drive };
  /** Evaluates a batch of charged trials; `trialsSoFar` counts them. A fault of the world is thrown as WorldFault. */
  evaluate(submissions: readonly Submission[], context: EvaluationContext): Promise<Evaluation[]>;
  /** The end of a cycle from its trials, and the trial that it rests on (null when there was none). */
  judge(trials: readonly TrialResult[], streak: Streak): Verdict & { readonly trial: string | null };
  /** An earlier trial that this submission would only repeat, or null. Repeats are refused before they are charged. */
  duplicateOf(submission: Submission, events: readonly RunEvent[]): string | null;
  /** A session that proposes without a model, through the same tools; null when the task has none. */
  baseline(name: ProposerName, options: BaselineOptions): RunSession | null;
  /** Brings the task's own copy of the results up to date, for queries from outside. */
  publish(rows: readonly ResultRow[]): Promise<void>;
  close(): Promise<void>;
}

/** Baselines without a model: they draw points of the task's own templates. */
export const PROPOSERS = ['random', 'ga', 'sweep'] as const;
export type ProposerName = (typeof PROPOSERS)[number];

export interface BaselineOptions {
  readonly seed: number;
  readonly events: () => readonly RunEvent[];
  readonly trialsPerCycle: number;
}

/** How many fix and patch cycles in a row have worked on the same candidate. */
export interface Streak {
  readonly fixes: number;
  readonly patches: number;
}

export interface EvaluationContext {
  /** What the batch is judged against: the journal as it stood when the batch was charged. */
  readonly events: readonly RunEvent[];
  /** Name of each submission's trial, and the run's count of trials with it: its N. */
  readonly charged: readonly { readonly trial: string; readonly n: number }[];
  /** Daily returns of an earlier trial; empty when it never got that far. */
  returnsOf(trial: string): Float64Array;
  /** Journals a look at held-back data BEFORE it happens; `index` is the place in the batch. */
  look(index: number): void | Promise<void>;
  readonly signal: AbortSignal;
}

export type FaultClass =
  | 'model_down'
  | 'model_refused'
  | 'agent_crashed'
  | 'database_down'
  | 'disk_full'
  | 'disk_error'
  | 'out_of_memory'
  | 'connection'
  | 'evaluation'
  | 'git'
  | 'asleep'
  | 'clock';

/** The world failed, not the candidate: costs no trial and no streak, and is tried again. */
export class WorldFault extends Error {
  readonly class: FaultClass;
  readonly where: string;

  constructor(faultClass: FaultClass, where: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorldFault';
    this.class = faultClass;
    this.where = where;
  }
}
