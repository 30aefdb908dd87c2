import { z } from 'zod';
import { readConfig } from '../base/config.ts';
import type { BadPrintRule } from './bad-prints.ts';
import type { DatabaseOptions } from './database.ts';
import { sourceSchema } from './own/config.ts';
import { sessionSchema } from './sessions.ts';
import { SYMBOL } from './symbol.ts';
import { strangersIn, universesSchema } from './universe/config.ts';

const bps = z.number().min(0).max(1000);
/** 0 for off; below 1.5 ordinary minutes would be struck out. */
const badPrintFactor = z
  .number()
  .refine((factor) => factor === 0 || (factor >= 1.5 && factor <= 1000), 'expected 0 (off) or 1.5 to 1000');

/** A time such as 2021-05-03T00:00:00Z, as epoch ms. */
const moment = z.string().transform((text, context) => {
  const time = Date.parse(/Z$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  if (!Number.isNaN(time)) return time;
  context.addIssue({ code: 'custom', message: 'expected a UTC time such as "2021-05-03T00:00:00Z"' });
  return z.NEVER;
});

/** What trading one symbol costs and allows. The harness owns it; a candidate cannot change it. */
const symbolMarketSchema = z.strictObject({
  kind: z.enum(['spot', 'perpetual']).default('spot'),
  makerBps: bps,
  takerBps: bps,
  slippageBps: bps,
  rangeShare: z.number().min(0).max(1).default(0),
  impactBps: bps.optional(),
  participation: z.number().min(0).max(1).default(0),
  tick: z.number().min(0),
  lot: z.number().min(0),
  minQuantity: z.number().min(0).optional(),
  minNotional: z.number().min(0).default(0),
  badPrintFactor: badPrintFactor.optional(),
  adjust: z.array(z.strictObject({ before: moment, prices: z.number().positive() })).optional(),
  accept: z.union([z.literal('all'), z.array(moment)]).optional(),
  session: sessionSchema.optional(),
  fundingBps: z.number().min(-100).max(100).optional(),
  fundingHours: z.number().int().min(1).max(24).optional(),
  fundingHistory: z
    .strictObject({ time: z.array(z.number().int()), rate: z.array(z.number()) })
    .refine(({ time, rate }) => time.length === rate.length, 'expected as many rates as times')
    .optional(),
});
export type SymbolMarket = z.output<typeof symbolMarketSchema>;

const sizingSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('fraction'), fraction: z.number().positive().max(10) }),
  z.strictObject({ mode: z.literal('units'), units: z.number().positive() }),
  z.strictObject({
    mode: z.literal('volatility'),
    target: z.number().positive().max(5),
    lookbackDays: z.number().int().min(2),
    maxLeverage: z.number().positive().max(10),
  }),
]);
export type Sizing = z.output<typeof sizingSchema>;

/** How files of bars are taken in. */
const ingestSchema = z.strictObject({
  maxBadShare: z.number().min(0).max(1).default(0.001),
  compressAfterDays: z.number().min(1).default(90),
});

/** Prints that no trade can have been made at: see bad-prints.ts. */
const badPrintsSchema = z.strictObject({
  factor: badPrintFactor.default(4),
  neighbours: z.number().int().min(3).max(100).default(5),
  minutes: z.number().int().min(3).max(1440).default(60),
});

/** market.yaml. Every key is explained there. */
export const marketConfigSchema = z
  .strictObject({
    dataDir: z.string().min(1),
    cash: z.number().positive(),
    sizing: sizingSchema,
    anonymous: z.boolean().optional(),
    limits: z
      .strictObject({
        gross: z.number().positive().max(10).default(1),
        net: z.number().min(0).max(10).default(1),
      })
      .optional(),
    ingest: ingestSchema.prefault({}),
    badPrints: badPrintsSchema.prefault({}),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected lower-case letters, digits and _')
      .optional(),
    source: sourceSchema.optional(),
    symbols: z.record(z.string().regex(SYMBOL, 'expected a symbol such as BTCUSD'), symbolMarketSchema),
    universes: universesSchema.optional(),
  })
  .superRefine(({ symbols, universes = {} }, context) => {
    for (const { name, key, symbol } of strangersIn(universes, symbols)) {
      const message = `expected symbols that stand under symbols of this file, and ${symbol} does not`;
      context.addIssue({ code: 'custom', path: ['universes', name, key], message });
    }
  });
export type MarketConfig = z.output<typeof marketConfigSchema>;

/** The rule of one symbol: its own factor, or that of the market. A symbol that is not in market.yaml has the market's. */
export function badPrintRuleOf({ badPrints, symbols }: MarketConfig, symbol: string): BadPrintRule {
  const { badPrintFactor: factor = badPrints.factor, adjust } = symbols[symbol] ?? {};
  return { ...badPrints, factor, ...(adjust && { adjust }) };
}

/** Where the bars of a market are: the server of `url` (DATABASE_URL), or the embedded database of `dataDir`. */
export function databaseOf(market: MarketConfig, dataDir: string, url: string | undefined): DatabaseOptions {
  const { schema, source, symbols, ingest } = market;
  const own = source && { ...source, symbols: Object.keys(symbols), maxBadShare: ingest.maxBadShare };
  return { dataDir, url, schema, source: own };
}

/** Reads and checks config/market.yaml. Throws RalphError (exit 2) naming key and rule. */
export function readMarketConfig(path: string): MarketConfig {
  return readConfig(path, marketConfigSchema);
}
