import type { Capabilities, Restart, RunSession } from '../agent/contract.ts';
import type { Worktree } from '../journal/git/git.ts';
import type { Journal } from '../journal/journal.ts';
import type { Objects } from '../journal/objects.ts';
import type { Task } from '../task/task.ts';
import type { Tracker } from '../tracking/tracker.ts';
import type { RalphConfig } from './config.ts';
import type { Control } from './control.ts';

/** Restarts of the model server, at most one per outage. Sessions at once share it. */
export interface Restarts {
  readonly restart: Restart;
  /** The server answered: the outage is over. */
  answered(): void;
}

/** One search that is under way: everything a cycle is wired from. */
export interface Run {
  readonly tag: string;
  /** `runs/<tag>`, absolute. */
  readonly dir: string;
  readonly projectDir: string;
  readonly seed: number;
  readonly config: RalphConfig;
  readonly apiKey: string;
  /** What the probe at the start found; undefined for an external agent. */
  readonly capabilities: Capabilities | undefined;
  readonly journal: Journal;
  readonly objects: Objects;
  readonly task: Task;
  readonly worktree: Worktree;
  readonly tracker: Tracker;
  /** Keeps the task's own copy of the results up to date. */
  readonly publisher: { close(): Promise<void> };
  readonly control: Control;
  readonly runSession: RunSession;
  readonly restarts: Restarts;
  /** Runs an evaluation when a core is free. */
  evaluating<T>(step: () => Promise<T>): Promise<T>;
  /** Runs steps that share the worktree one after the other. */
  alone<T>(step: () => Promise<T>): Promise<T>;
  /** Cycles that a session of this process is working on. */
  readonly busy: Set<number>;
  /** What ended one of several sessions at once: the others stop at their next cycle. */
  readonly broken: unknown[];
  /** Daily returns of every finished trial, kept in memory because deflation asks for all of them each time. */
  readonly returns: Map<string, Float64Array>;
  /** Faults since a step last succeeded. */
  readonly faults: { inARow: number };
  /** `performance.now()` of this start: the budget of hours counts from here, by a clock that cannot be set. */
  readonly startedAt: number;
  /** Releases lock, journal, database, tracker, in that order of importance. Safe to call twice. */
  close(): Promise<void>;
}
