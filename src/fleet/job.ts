import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import type { BoxAnswer, SimulationRequest } from '../backtest/contract.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import type { GatesConfig } from '../gates/config.ts';
import type { WindowName } from '../gates/workbench/workbench.ts';
import type { MarketConfig } from '../market/config.ts';
import type { FrozenWindows, WindowFile } from '../market/snapshot.ts';
import type { Params } from '../strategy/candidate.ts';

/** One question to a candidate: a call of a workbench. */
export type Call =
  | { readonly kind: 'simulate'; readonly window: WindowName; readonly requests: readonly SimulationRequest[] }
  | { readonly kind: 'allowed'; readonly points: readonly Params[] }
  | { readonly kind: 'audit'; readonly params: Params; readonly cuts: number };

/** What a worker needs to open a candidate. Windows are named by their fingerprints; each host has files of its own. */
export interface CandidateBody {
  readonly code: string;
  readonly symbols: readonly string[];
  readonly universe?: string;
  readonly universes?: FrozenWindows['universes'];
  readonly market: MarketConfig;
  readonly limits: GatesConfig['limits'];
  readonly train: readonly FrozenName[];
  readonly selection: readonly (readonly FrozenName[])[];
}

export type FrozenName = Omit<WindowFile, 'path'>;

/** A job of the queue: some calls, answered one after the other in one evaluation process. */
export interface Job {
  /** Hash of the candidate's body. */
  readonly candidate: string;
  readonly calls: readonly Call[];
  /** What the figures of `status` call it. */
  readonly kind: JobKind;
}

export type JobKind = 'audit' | 'train' | 'surrogates' | 'tuning' | 'selection';

export type Answers = readonly BoxAnswer<unknown>[];

/** Named by what it is (engine, candidate with its data, calls with their ranges, scenarios and seeds): the same job twice is one job. */
export function jobId(engine: string, { candidate, calls }: Job): string {
  const hex = sha256(canonicalJson({ engine, candidate, calls }));
  // Laid out as a UUID of version 8: the queue's own type.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The queue of one engine version: no worker of another one can take a job from it. */
export function queueOf(engine: string): string {
  return `evaluations-${engine.slice(0, 16)}`;
}

/** The queue of one worker: jobs of a candidate that it has open already. */
export function homeOf(engine: string, host: string): string {
  return `${queueOf(engine)}-${host.slice(0, 8)}`;
}

/** Answers as they travel, and the fingerprint by which they are checked. */
export function packAnswers(answers: Answers): { readonly bytes: Buffer; readonly fingerprint: string } {
  const bytes = serialize(answers);
  return { bytes, fingerprint: sha256(bytes) };
}

const answersSchema = z.array(
  z.union([
    z.strictObject({ ok: z.literal(true), value: z.unknown() }),
    z.strictObject({
      ok: z.literal(false),
      kind: z.enum(['throw', 'timeout', 'memory', 'leak', 'policy', 'protocol']),
      message: z.string(),
    }),
  ]),
);

/** The answers to so many calls back; undefined when a single bit differs from what was sent, or their shape does. */
export function unpackAnswers(bytes: Buffer, fingerprint: string, calls: number): Answers | undefined {
  if (sha256(bytes) !== fingerprint) return undefined;
  const parsed = answersSchema.length(calls).safeParse(deserialize(bytes));
  return parsed.success ? (parsed.data as Answers) : undefined;
}
