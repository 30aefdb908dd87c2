import type { Facts } from '../server/facts.ts';

/** Coarser bars and what each is made from: each step reads the one below, which is far fewer rows than the minutes. */
const LADDER = [
  ['5m', '5 minutes', 'bars', 'time'],
  ['15m', '15 minutes', 'bars_5m', 'bucket'],
  ['1h', '1 hour', 'bars_15m', 'bucket'],
  ['4h', '4 hours', 'bars_1h', 'bucket'],
  ['1d', '1 day', 'bars_4h', 'bucket'],
] as const;

/**
 * Continuous aggregates, labelled by the START of their bucket. Only refreshed buckets are shown (no real-time part): a forming bucket
 * must never look like a closed one. Under the Apache-only licence plain views say the same, up to the last closed bucket.
 */
export const aggregates = {
  number: 2,
  name: 'continuous aggregates 5m 15m 1h 4h 1d',
  sql: ({ apache }: Pick<Facts, 'apache'>) =>
    LADDER.map(([name, width, from, time]) => {
      const bucket = `tsdb.time_bucket(interval '${width}', ${time})`;
      const query = `select symbol, ${bucket} as bucket, tsdb.first(open, ${time}) as open, max(high) as high, min(low) as low,
        tsdb.last(close, ${time}) as close, sum(volume) as volume from ralph.${from} group by symbol, ${bucket}`;
      if (apache) return `create view ralph.bars_${name} as ${query} having ${bucket} + interval '${width}' <= now();`;
      return `create materialized view ralph.bars_${name}
        with (timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.create_group_indexes = false)
        as ${query} with no data;`;
    }).join('\n'),
};

/** The aggregate of each coarser timeframe, finest first: the order in which they must be refreshed. */
export const AGGREGATES = LADDER.map(([name, width]) => ({ timeframe: name, width, view: `ralph.bars_${name}` }));
