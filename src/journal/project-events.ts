import { z } from 'zod';

/** What a project's metrics were before its first cycle, each measured as often as the contract asks: medians, and every value of the primary one. */
export const baselineMeasured = z.object({
  type: z.literal('baseline.measured'),
  metric: z.string(),
  better: z.enum(['lower', 'higher']),
  values: z.record(z.string(), z.number()),
  all: z.array(z.number()),
  /** The kept trial that stood as the files then; null for the files as they came. */
  trial: z.string().nullable(),
  sandbox: z.string(),
  /** Only a score command says numbers. */
  scored: z.boolean(),
  /** The metric is the Sharpe ratio of returns, judged as a strategy's. */
  judged: z.boolean().optional(),
  seconds: z.number(),
});
