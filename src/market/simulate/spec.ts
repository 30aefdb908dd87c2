import { z } from 'zod';
import { EDGE_KINDS } from './edge-kinds.ts';

/** Minutes of an average year; every annual figure of a simulated market refers to it. */
export const MINUTES_PER_YEAR = 525_960;

/** What a simulated market is made from. Everything but the seed has a default. */
export const simulationSpecSchema = z.strictObject({
  seed: z.union([z.number().int(), z.string()]),
  /** Length in minutes, the minutes that are lost in gaps included. */
  minutes: z
    .number()
    .int()
    .min(1)
    .default(2 * MINUTES_PER_YEAR),
  /** Length of a bar; 60 is for calibrations that need thousands of markets. */
  barMinutes: z.literal([1, 5, 15, 60]).default(1),
  /** Epoch ms UTC of the first minute. */
  start: z
    .number()
    .int()
    .default(Date.UTC(2013, 0, 1)),
  startPrice: z.number().positive().default(10_000),
  /** Smallest price step; every price is a multiple of it. */
  tick: z.number().positive().default(0.01),
  /** Standard deviation of a year's return, as a fraction, jumps included. */
  annualVolatility: z.number().positive().max(5).default(0.6),
  /** GARCH clusters and louder and quieter regimes; without, every minute is equally loud. */
  clustering: z.boolean().default(true),
  /** Mean length of a regime (quiet, trending, stormy) in days. */
  regimeDays: z.number().positive().default(15),
  jumpsPerYear: z.number().min(0).default(60),
  /** Share of the variance that jumps carry when there are any. */
  jumpShare: z.number().positive().max(0.5).default(0.1),
  /** Standard deviation of the logarithm of a variance that drifts over weeks; 0 for none, 0.9 is like BTCUSD 2013-2016. */
  slowVolatility: z.number().min(0).max(2).default(0),
  /** Outages per year: minutes without bars, while the price moves on. */
  gapsPerYear: z.number().min(0).default(24),
  /** Planted edges; their annual Sharpe is that of the oracle that knows the rule, before costs. */
  edges: z
    .array(z.strictObject({ kind: z.enum(EDGE_KINDS), annualSharpe: z.number().min(-50).max(50).default(2) }))
    .default([]),
});
export type SimulationSpec = z.input<typeof simulationSpecSchema>;
export type ResolvedSpec = z.output<typeof simulationSpecSchema>;

/** Trend signal of the momentum edge: the sign of the return over this many minutes. */
export const MOMENTUM_MINUTES = 1440;
/** Length of the drift after a jump. */
export const JUMP_DRIFT_MINUTES = 1440;
/** The reversion edge acts after an hour that moved more than this many hourly standard deviations. */
export const REVERSION_THRESHOLD = 1;
