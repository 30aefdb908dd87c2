import { z } from 'zod';
import { gateResult, OUTCOMES, ROUTES } from '../gates/verdict.ts';
import { coverageSchema } from '../market/coverage.ts';

/** `v` of each event. Raised when a field becomes required or changes its meaning; versions.ts reads older events. */
export const SCHEMA_VERSION = 2;

const [text, number, numberOrNull] = [z.string(), z.number(), z.number().nullable()];
const [outcome, route] = [z.enum(OUTCOMES), z.enum(ROUTES)];
const [texts, numbers] = [z.record(text, text), z.record(text, number)];
const figures = z.object({
  symbol: text,
  profit: number,
  share: numberOrNull,
  turnover: numberOrNull,
  exposure: number,
});

const event = <T extends string, F extends z.ZodRawShape>(type: T, fields: F) =>
  z.object({ type: z.literal(type), ...fields });

/** Every event a journal can hold, by type. The envelope (sequence, time, hash) is added by append. */
export const eventSchema = z.discriminatedUnion('type', [
  event('run.started', {
    schema: number,
    tag: text,
    task: text,
    seed: number,
    provenance: texts,
    coverage: z.array(coverageSchema).optional(),
    config: z.unknown(),
  }),
  /** First line of a journal whose earlier lines were moved, byte for byte, into a compressed part. */
  event('journal.sealed', {
    part: number,
    events: number,
    /** Of the text as it stood in the journal; then of the index, and of the compressed file itself. */
    bytes: number,
    sha256: text,
    indexSha256: text,
    packedSha256: text.optional(),
  }),
  event('run.resumed', {
    recovered: z.array(text),
    /** Trials that were charged and had no result. */
    trials: z.array(text),
  }),
  /** A person held the run, let one cycle through or let it go on; `from` says where that was asked. */
  event('run.steered', { request: z.enum(['pause', 'step', 'resume']), from: z.enum(['page', 'command']) }),
  event('run.ended', { reason: text, exitCode: number }),
  event('segment.started', {
    segment: number,
    provenance: texts,
    coverage: z.array(coverageSchema).optional(),
    changed: z.array(text),
  }),
  /** A person goes on with a journal that lost what the branch still shows, up to `cycle`; what was spent there still counts. */
  event('history.accepted', { why: text, lost: text, cycle: number, trials: number, looks: number }),
  event('fault.occurred', { class: text, where: text, detail: text, attempt: number, retryInMs: number }),
  /** A hint that a cycle boundary took from the inbox; `cycle` is the first that reads it. */
  event('hint.taken', {
    hint: text,
    text,
    sha256: text,
    cycle: number,
    priority: number,
    expiresAt: numberOrNull,
    scope: text,
    /** Where it was written; absent for the command line or an editor. */
    from: text.optional(),
  }),
  /** A session said whether it follows a hint, and why. */
  event('hint.answered', { hint: text, cycle: number, accepted: z.boolean(), why: text }),
  /** A hint that was withdrawn. */
  event('hint.dropped', { hint: text, why: text }),
  event('program.changed', { cycle: number, sha256: text, diff: text }),
  event('cycle.started', {
    cycle: number,
    seed: number,
    directive: text,
    why: text,
    base: text.nullable(),
    family: text.nullable(),
    gate: text.nullable(),
    state: text,
    sampling: z.record(text, z.union([number, z.boolean()])),
    briefSha256: text,
    briefTokens: number,
    hints: z.array(text),
    other: text.nullable().optional(),
    island: number.optional(),
    step: text.optional(),
    nudge: number.optional(),
    /** What the brief left for the digest, so that the same digest can be built again. */
    digestTokens: number.optional(),
    /** Points of a trial's tuning that the brief is the first to show, as independent curves: they count in N. */
    shown: z.object({ trial: text, curves: number }).optional(),
  }),
  event('hypothesis.registered', {
    cycle: number,
    candidate: text,
    family: text,
    hypothesis: text,
    refutedIf: text,
    mechanism: text.optional(),
    expected: text.optional(),
  }),
  event('human.asked', { cycle: number, why: text }),
  /** What a project's metrics were before its first cycle, each measured as often as the contract asks: medians, and every value of the primary one. */
  event('baseline.measured', {
    metric: text,
    better: z.enum(['lower', 'higher']),
    values: numbers,
    all: z.array(number),
    /** The kept trial that stood as the files then; null for the files as they came. */
    trial: text.nullable(),
    sandbox: text,
    /** Only a score command says numbers. */
    scored: z.boolean(),
    /** The metric is the Sharpe ratio of returns, judged as a strategy's. */
    judged: z.boolean().optional(),
    seconds: number,
  }),
  event('proposal.made', { cycle: number, proposal: text, sha256: text, text }),
  event('run.carried', {
    from: text,
    sameData: z.boolean(),
    trials: number,
    lessons: z.array(z.object({ lesson: text, text, trials: z.array(text) })),
    ideas: z.array(z.object({ candidate: text, family: text, hypothesis: text, score: numberOrNull })),
  }),
  event('trial.started', {
    trial: text,
    cycle: number,
    n: number,
    candidate: text,
    family: text,
    hypothesis: text,
    fingerprint: text,
    codeSha256: text,
    files: texts,
    params: numbers,
    /** What the ledger said when the trial was charged, `rivals` as an object; absent where the task keeps none. */
    looks: number.optional(),
    rivals: text.optional(),
    ledger: z.object({ seq: number, hash: text }).optional(),
    forgotten: z.array(text).optional(),
    trainOnly: z.boolean().optional(),
  }),
  /** A candidate that was sent back before it was charged, because it only repeats `like`. */
  event('trial.refused', {
    cycle: number,
    candidate: text,
    family: text,
    fingerprint: text,
    params: numbers,
    like: text,
    /** Of daily returns over the probe; null where the files themselves are the same. */
    correlation: numberOrNull,
    /** What the probe took. */
    seconds: number.optional(),
  }),
  event('trial.finished', {
    trial: text,
    cycle: number,
    outcome,
    gates: z.array(gateResult),
    metrics: z.record(text, numberOrNull),
    score: numberOrNull,
    equityFingerprint: text.nullable(),
    returnsSha256: text.nullable(),
    seconds: number,
    duplicateOf: text.nullable(),
    /** Of a universe: what each symbol did on train, best first; see SymbolFigures. */
    symbols: z.array(figures).readonly().optional(),
    /** Of a candidate with ranges: what each part of train was traded with, what held-back data were shown to, and all that was tried as an object. */
    tuned: z
      .object({
        path: z.array(z.object({ from: number, params: numbers })),
        final: numbers.nullable(),
        report: text,
      })
      .optional(),
  }),
  /** A trial is about to see the held-back folds; `look` counts them. */
  event('selection.looked', { trial: text, cycle: number, look: number }),
  /** Kept from the agent, the digest, the results and the tracker: only the harness reads it. */
  event('selection.answered', { trial: text, cycle: number, look: number, passed: z.boolean(), sharpe: numberOrNull }),
  event('session.ended', {
    cycle: number,
    reason: text,
    detail: text,
    turns: number,
    toolCalls: number,
    promptTokens: number,
    completionTokens: number,
    prefixShare: number,
    charactersPerToken: number.positive().optional(),
    wire: z.enum(['tools', 'blocks']).optional(),
    classes: numbers,
    recoveries: numbers.optional(),
    advice: z.array(text).readonly().optional(),
    seconds: number,
    summary: text,
  }),
  event('lesson.noted', { cycle: number, lesson: text, trials: z.array(text), text }),
  event('verdict.given', {
    cycle: number,
    trial: text.nullable(),
    outcome,
    route,
    reasons: z.array(gateResult),
    candidate: text.nullable(),
    family: text.nullable(),
  }),
  event('cycle.committed', {
    cycle: number,
    commit: text,
    /** The last event in the cycle's copy of the journal; the next cycle's copy begins behind it. */
    upTo: number.optional(),
    /** SHA-256 of the files of the cycle's folder, by name. */
    files: texts.optional(),
  }),
  event('cycle.mirrored', { cycle: number, runs: z.array(text) }),
  /** The holdout is about to be opened for a keep: written before the look. */
  event('holdout.opened', { candidate: text, trial: text, look: number }),
  /** What the holdout said. */
  event('holdout.answered', { candidate: text, trial: text, answer: text, sharpe: numberOrNull, detectable: number }),
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
