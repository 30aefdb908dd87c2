import { z } from 'zod';
import { TIMEFRAMES } from '../bars.ts';

const column = z.string().min(1);

/** market.yaml `source`: the user's own table of candles. Every key is explained there. */
export const sourceSchema = z.strictObject({
  /** `{symbol}` in it stands for a table per symbol. */
  table: z.string().min(1),
  time: column.default('time'),
  timeUnit: z.enum(['s', 'ms', 'us', 'ns']).optional(),
  label: z.enum(['open', 'close']).default('open'),
  symbol: column.optional(),
  open: column.default('open'),
  high: column.default('high'),
  low: column.default('low'),
  close: column.default('close'),
  volume: column.nullable().default('volume'),
  interval: z.enum(TIMEFRAMES).default('1m'),
  timezone: z.string().default('UTC'),
  venue: z.strictObject({ column, is: z.string().min(1) }).optional(),
  where: z.string().min(1).optional(),
  names: z.record(z.string(), z.string().min(1)).default({}),
});
export type SourceConfig = z.output<typeof sourceSchema>;
