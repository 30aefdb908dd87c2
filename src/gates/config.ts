import { z } from 'zod';
import { parseConfig, readConfig } from '../base/config.ts';
import { STAGES } from './verdict.ts';

const share = z.number().min(0).max(1);
const count = z.number().int().min(0);
const positive = z.number().positive();

/** What config/gates.yaml may hold; the file explains every key. */
const gatesConfigSchema = z
  .object({
    off: z.array(z.enum(STAGES)),
    limits: z.object({ seconds: positive, heapMb: z.number().int().min(64) }).strict(),
    causality: z.object({ cuts: z.number().int().min(20), minAgreement: share.default(0.95) }).strict(),
    smoke: z.object({ days: z.number().int().min(7), minFills: count }).strict(),
    train: z
      .object({
        minSharpe: z.number(),
        maxDrawdown: share,
        maxHiddenRisk: z.number().min(1),
        minProfitFactor: z.number(),
        minTrades: count,
        minExposure: share,
        maxBenchmarkCorrelation: share,
      })
      .strict(),
    stress: z
      .object({
        costMultiplier: z.number().min(1),
        delayBars: count,
        missEvery: z.union([z.literal(0), z.number().int().min(2)]),
        restingSpreads: z.number().min(0),
        minSharpe: z.number(),
      })
      .strict(),
    tuning: z
      .object({
        steps: z.number().int().min(4).max(12),
        evaluations: z.number().int().min(8).max(1000),
        nullEvaluations: z.number().int().min(3).max(64),
      })
      .strict()
      .default({ steps: 4, evaluations: 64, nullEvaluations: 8 }),
    neighbours: z.object({ step: positive, minMedianShare: z.number(), minPositive: share }).strict(),
    subperiods: z
      .object({ parts: z.number().int().min(2), minPositive: share, bestDaysPerYear: z.number().min(0) })
      .strict(),
    redundancy: z.object({ maxCorrelation: share, maxKeepCorrelation: share }).strict(),
    deflation: z.object({ luck: share, minTrials: z.number().int().min(1) }).strict(),
    pbo: z
      .object({
        blocks: z.number().int().min(4).max(20).multipleOf(2),
        minTrials: z.number().int().min(2),
        max: share,
        maxLoss: share,
        sameFamily: share,
      })
      .strict(),
    surrogates: z
      .object({
        minAgreement: share.default(0.92),
        count: z.number().int().min(200),
        most: z.number().int().min(200),
        held: count,
      })
      .strict(),
    selection: z.object({ minSharpe: z.number(), step: z.number().min(0), sameIdea: share }).strict(),
    holdout: z.object({ openings: count, alpha: share, power: share }).strict(),
    feasibility: z.object({ maxSharpe: positive, maxTradesPerYear: positive, chance: share }).strict(),
    score: z.object({ standardErrors: z.number().min(0), minExposure: share }).strict(),
    route: z.object({ patches: count, fixes: count, patchGates: z.number().int().min(1), patchMargin: share }).strict(),
  })
  .strict();

export type GatesConfig = z.infer<typeof gatesConfigSchema>;

/** Reads config/gates.yaml. Throws RalphError (exit 2) with the key that is wrong. */
export function readGatesConfig(path: string): GatesConfig {
  return readConfig(path, gatesConfigSchema);
}

/** The same from text; `name` is what messages call it. */
export function parseGatesConfig(text: string, name: string): GatesConfig {
  return parseConfig(text, gatesConfigSchema, name);
}
