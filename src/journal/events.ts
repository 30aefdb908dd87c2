import { z } from 'zod';
import { gateResult, OUTCOMES, ROUTES } from '../gates/verdict.ts';
import { coverageSchema } from '../market/coverage.ts';
import { holdoutAnswered, holdoutOpened, selectionAnswered, selectionLooked } from './held-back-events.ts';
import { hintAnswered, hintDropped, hintTaken } from './hint-events.ts';
import { baselineMeasured } from './project-events.ts';

/** `v` of each event. Raised when a field becomes required or changes its meaning; versions.ts reads older events. */
export const SCHEMA_VERSION = 2;

const [outcome, route] = [z.enum(OUTCOMES), z.enum(ROUTES)];
const provenance = z.record(z.string(), z.string());
const counts = z.record(z.string(), z.number());

/** Every event a journal can hold, by type. The envelope (sequence, time, hash) is added by append. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run.started'),
    schema: z.number(),
    tag: z.string(),
    task: z.string(),
    seed: z.number(),
    provenance,
    coverage: z.array(coverageSchema).optional(),
    config: z.unknown(),
  }),
  /** First line of a journal whose earlier lines were moved, byte for byte, into a compressed part. */
  z.object({
    type: z.literal('journal.sealed'),
    part: z.number(),
    events: z.number(),
    bytes: z.number(),
    sha256: z.string(),
    indexSha256: z.string(),
    /** Of the compressed file itself. */
    packedSha256: z.string().optional(),
  }),
  z.object({
    type: z.literal('run.resumed'),
    recovered: z.array(z.string()),
    /** Trials that were charged and had no result. */
    trials: z.array(z.string()),
  }),
  z.object({ type: z.literal('run.ended'), reason: z.string(), exitCode: z.number() }),
  z.object({
    type: z.literal('segment.started'),
    segment: z.number(),
    provenance,
    coverage: z.array(coverageSchema).optional(),
    changed: z.array(z.string()),
  }),
  /** A person goes on with a journal that lost what the branch still shows, up to `cycle`; what was spent there still counts. */
  z.object({
    type: z.literal('history.accepted'),
    why: z.string(),
    lost: z.string(),
    cycle: z.number(),
    trials: z.number(),
    looks: z.number(),
  }),
  z.object({
    type: z.literal('fault.occurred'),
    class: z.string(),
    where: z.string(),
    detail: z.string(),
    attempt: z.number(),
    retryInMs: z.number(),
  }),
  hintTaken,
  hintAnswered,
  hintDropped,
  z.object({ type: z.literal('program.changed'), cycle: z.number(), sha256: z.string(), diff: z.string() }),
  z.object({
    type: z.literal('cycle.started'),
    cycle: z.number(),
    seed: z.number(),
    directive: z.string(),
    why: z.string(),
    base: z.string().nullable(),
    family: z.string().nullable(),
    gate: z.string().nullable(),
    state: z.string(),
    sampling: z.record(z.string(), z.union([z.number(), z.boolean()])),
    briefSha256: z.string(),
    briefTokens: z.number(),
    hints: z.array(z.string()),
    other: z.string().nullable().optional(),
    island: z.number().optional(),
    step: z.string().optional(),
    nudge: z.number().optional(),
    /** What the brief left for the digest, so that the same digest can be built again. */
    digestTokens: z.number().optional(),
    /** Points of a trial's tuning that the brief is the first to show, as independent curves: they count in N. */
    shown: z.object({ trial: z.string(), curves: z.number() }).optional(),
  }),
  z.object({
    type: z.literal('hypothesis.registered'),
    cycle: z.number(),
    candidate: z.string(),
    family: z.string(),
    hypothesis: z.string(),
    refutedIf: z.string(),
    mechanism: z.string().optional(),
    expected: z.string().optional(),
  }),
  z.object({ type: z.literal('human.asked'), cycle: z.number(), why: z.string() }),
  baselineMeasured,
  z.object({
    type: z.literal('proposal.made'),
    cycle: z.number(),
    proposal: z.string(),
    sha256: z.string(),
    text: z.string(),
  }),
  z.object({
    type: z.literal('run.carried'),
    from: z.string(),
    sameData: z.boolean(),
    trials: z.number(),
    lessons: z.array(z.object({ lesson: z.string(), text: z.string(), trials: z.array(z.string()) })),
    ideas: z.array(
      z.object({ candidate: z.string(), family: z.string(), hypothesis: z.string(), score: z.number().nullable() }),
    ),
  }),
  z.object({
    type: z.literal('trial.started'),
    trial: z.string(),
    cycle: z.number(),
    n: z.number(),
    candidate: z.string(),
    family: z.string(),
    hypothesis: z.string(),
    fingerprint: z.string(),
    codeSha256: z.string(),
    files: z.record(z.string(), z.string()),
    params: z.record(z.string(), z.number()),
    /** What the ledger said when the trial was charged, `rivals` as an object; absent where the task keeps none. */
    looks: z.number().optional(),
    rivals: z.string().optional(),
    ledger: z.object({ seq: z.number(), hash: z.string() }).optional(),
    forgotten: z.array(z.string()).optional(),
    trainOnly: z.boolean().optional(),
  }),
  /** A candidate that was sent back before it was charged, because it only repeats `like`. */
  z.object({
    type: z.literal('trial.refused'),
    cycle: z.number(),
    candidate: z.string(),
    family: z.string(),
    fingerprint: z.string(),
    params: z.record(z.string(), z.number()),
    like: z.string(),
    /** Of daily returns over the probe; null where the files themselves are the same. */
    correlation: z.number().nullable(),
    /** What the probe took. */
    seconds: z.number().optional(),
  }),
  z.object({
    type: z.literal('trial.finished'),
    trial: z.string(),
    cycle: z.number(),
    outcome,
    gates: z.array(gateResult),
    metrics: z.record(z.string(), z.number().nullable()),
    score: z.number().nullable(),
    equityFingerprint: z.string().nullable(),
    returnsSha256: z.string().nullable(),
    seconds: z.number(),
    duplicateOf: z.string().nullable(),
    /** Of a universe: what each symbol did on train, best first; see SymbolFigures. */
    symbols: z
      .array(
        z.object({
          symbol: z.string(),
          profit: z.number(),
          share: z.number().nullable(),
          turnover: z.number().nullable(),
          exposure: z.number(),
        }),
      )
      .readonly()
      .optional(),
    /** Of a candidate with ranges: what each part of train was traded with, what held-back data were shown to, and all that was tried as an object. */
    tuned: z
      .object({
        path: z.array(z.object({ from: z.number(), params: z.record(z.string(), z.number()) })),
        final: z.record(z.string(), z.number()).nullable(),
        report: z.string(),
      })
      .optional(),
  }),
  selectionLooked,
  selectionAnswered,
  z.object({
    type: z.literal('session.ended'),
    cycle: z.number(),
    reason: z.string(),
    detail: z.string(),
    turns: z.number(),
    toolCalls: z.number(),
    promptTokens: z.number(),
    completionTokens: z.number(),
    prefixShare: z.number(),
    charactersPerToken: z.number().positive().optional(),
    wire: z.enum(['tools', 'blocks']).optional(),
    classes: counts,
    recoveries: counts.optional(),
    advice: z.array(z.string()).readonly().optional(),
    seconds: z.number(),
    summary: z.string(),
  }),
  z.object({
    type: z.literal('lesson.noted'),
    cycle: z.number(),
    lesson: z.string(),
    trials: z.array(z.string()),
    text: z.string(),
  }),
  z.object({
    type: z.literal('verdict.given'),
    cycle: z.number(),
    trial: z.string().nullable(),
    outcome,
    route,
    reasons: z.array(gateResult),
    candidate: z.string().nullable(),
    family: z.string().nullable(),
  }),
  z.object({
    type: z.literal('cycle.committed'),
    cycle: z.number(),
    commit: z.string(),
    /** The last event in the cycle's copy of the journal; the next cycle's copy begins behind it. */
    upTo: z.number().optional(),
    /** SHA-256 of the files of the cycle's folder, by name. */
    files: z.record(z.string(), z.string()).optional(),
  }),
  z.object({ type: z.literal('cycle.mirrored'), cycle: z.number(), runs: z.array(z.string()) }),
  holdoutOpened,
  holdoutAnswered,
]);

/** The names of all of them. */
export const EVENT_TYPES: ReadonlySet<string> = new Set(eventSchema.options.map(({ shape }) => shape.type.value));

export type RalphEvent = z.infer<typeof eventSchema>;
export type EventType = RalphEvent['type'];

/** An event as it stands in the journal. */
export type RunEvent = RalphEvent & {
  /** 1 for the first line, rising by one. */
  readonly seq: number;
  /** Epoch ms UTC. */
  readonly at: number;
  /** Version that wrote it; absent is 1. */
  readonly v?: number;
  /** SHA-256 of the previous line's text, 64 zeros for the first. */
  readonly prev: string;
};

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>;
