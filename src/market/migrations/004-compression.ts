import type { Facts } from '../server/facts.ts';

/** Old chunks are stored by column. A server's scheduler does it; the embedded one has none, so ingest asks for it. */
export const compression = {
  number: 4,
  name: 'compression of old chunks',
  sql: ({ apache }: Pick<Facts, 'apache'>) =>
    apache
      ? ''
      : `
    alter table ralph.bars set (timescaledb.compress, timescaledb.compress_segmentby = 'symbol',
      timescaledb.compress_orderby = 'time');
    select tsdb.add_compression_policy('ralph.bars', compress_after => interval '90 days', if_not_exists => true);
  `,
};
