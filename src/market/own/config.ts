import { z } from 'zod';
import { TIMEFRAMES } from '../bars.ts';

const column = z.string().min(1);

const timed = {
  time: column.default('time'),
  timeUnit: z.enum(['s', 'ms', 'us', 'ns']).optional(),
  timezone: z.string().default('UTC'),
  where: z.string().min(1).optional(),
};
const names = z.record(z.string(), z.string().min(1)).default({});

/** market.yaml `source.funding`: the user's own table of funding rates. */
const fundingSchema = z.strictObject({
  /** `{symbol}` in it stands for a table per symbol. */
  table: z.string().min(1),
  ...timed,
  symbol: column.optional(),
  /** A fraction of the position. */
  rate: column.default('rate'),
  names,
});
export type FundingSource = z.output<typeof fundingSchema>;

/** market.yaml `source`: the user's own table of candles. Every key is explained there. */
export const sourceSchema = z.strictObject({
  /** `{symbol}` in it stands for a table per symbol. */
  table: z.string().min(1),
  ...timed,
  label: z.enum(['open', 'close']).default('open'),
  symbol: column.optional(),
  open: column.default('open'),
  high: column.default('high'),
  low: column.default('low'),
  close: column.default('close'),
  volume: column.nullable().default('volume'),
  interval: z.enum(TIMEFRAMES).default('1m'),
  venue: z.strictObject({ column, is: z.string().min(1) }).optional(),
  names,
  funding: fundingSchema.optional(),
});
export type SourceConfig = z.output<typeof sourceSchema>;
