import type { Facts } from '../server/facts.ts';

/** Coarser bars and what each is made from: each step reads the one below, which is far fewer rows than the minutes. */
const LADDER = [
  ['5m', '5 minutes', 'bars', 'time'],
  ['15m', '15 minutes', 'bars_5m', 'bucket'],
  ['1h', '1 hour', 'bars_15m', 'bucket'],
  ['4h', '4 hours', 'bars_1h', 'bucket'],
  ['1d', '1 day', 'bars_4h', 'bucket'],
] as const;

/** The aggregate of each coarser timeframe, finest first: the order in which they must be refreshed. */
export const AGGREGATES = LADDER.map(([name, width]) => ({ timeframe: name, width, view: `ralph.bars_${name}` }));

/** One step of the schema. */
interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string | ((facts: Pick<Facts, 'apache'>, schema: string) => string);
}

/** The steps of the schema. Each is applied once, in one transaction with the note that it was; never edited once released. */
export const MIGRATIONS: readonly Migration[] = [
  /**
   * Bars, the files they came from, the holes between them. `source` is the ingested file's id. No index on time alone:
   * every question names a symbol, and the primary key answers those; a second index costs a third of the ingest rate.
   */
  {
    number: 1,
    name: 'bars, ingested files, gaps',
    sql: `
    create table ralph.bars (
      symbol text not null, time timestamptz not null,
      open double precision not null, high double precision not null, low double precision not null,
      close double precision not null, volume double precision not null,
      source integer not null, primary key (symbol, time)
    );
    select tsdb.create_hypertable('ralph.bars', tsdb.by_range('time', interval '30 days'), create_default_indexes => false);

    create unlogged table ralph.staged_bars (
      source integer not null, time timestamptz not null,
      open double precision not null, high double precision not null, low double precision not null,
      close double precision not null, volume double precision not null
    );

    create table ralph.ingested_files (
      id integer generated always as identity primary key, symbol text not null, name text not null, size bigint not null,
      sha256 text not null, format text not null, state text not null check (state in ('loading', 'done')),
      refreshed boolean not null default false, rows bigint not null default 0, inserted bigint not null default 0,
      replaced bigint not null default 0, conflicts bigint not null default 0, rejected bigint not null default 0,
      first timestamptz, last timestamptz, started timestamptz not null default now(), finished timestamptz,
      unique (symbol, sha256)
    );

    create table ralph.gaps (
      symbol text not null, from_time timestamptz not null, to_time timestamptz not null,
      minutes integer not null check (minutes > 0), primary key (symbol, from_time)
    );
  `,
  },
  /**
   * Continuous aggregates, labelled by the START of their bucket. Only refreshed buckets are shown (no real-time part): a forming bucket
   * must never look like a closed one. Under the Apache-only licence plain views say the same, up to the last closed bucket.
   */
  {
    number: 2,
    name: 'continuous aggregates 5m 15m 1h 4h 1d',
    sql: ({ apache }) =>
      LADDER.map(([name, width, from, time]) => {
        const bucket = `tsdb.time_bucket(interval '${width}', ${time})`;
        const query = `select symbol, ${bucket} as bucket, tsdb.first(open, ${time}) as open, max(high) as high, min(low) as low,
        tsdb.last(close, ${time}) as close, sum(volume) as volume from ralph.${from} group by symbol, ${bucket}`;
        if (apache)
          return `create view ralph.bars_${name} as ${query} having ${bucket} + interval '${width}' <= now();`;
        return `create materialized view ralph.bars_${name}
        with (timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.create_group_indexes = false)
        as ${query} with no data;`;
      }).join('\n'),
  },
  /** What anything but the harness may see: bars that were over before the train cutoff. Without a cutoff nothing is visible. */
  {
    number: 3,
    name: 'reader role behind the train cutoff',
    sql: (_, schema) => `
    create table ralph.settings (key text primary key, value text not null);

    create function ralph.train_cutoff() returns timestamptz language sql stable security definer
      set search_path = pg_catalog as
      $$ select coalesce((select value::timestamptz from ralph.settings where key = 'train_cutoff'), '-infinity') $$;

    create view ralph.visible_bars with (security_barrier = true) as
      select symbol, time, open, high, low, close, volume from ralph.bars
      where time + interval '1 minute' <= ralph.train_cutoff();
    ${AGGREGATES.map(
      ({ timeframe: name, width }) => `create view ralph.visible_bars_${name} with (security_barrier = true) as
        select * from ralph.bars_${name} where bucket + interval '${width}' <= ralph.train_cutoff();`,
    ).join('\n    ')}

    revoke all on all tables in schema ${schema} from public;
  `,
  },
  /** Old chunks are stored by column. A server's scheduler does it; the embedded one has none, so ingest asks for it. */
  {
    number: 4,
    name: 'compression of old chunks',
    sql: ({ apache }) =>
      apache
        ? ''
        : `
    alter table ralph.bars set (timescaledb.compress, timescaledb.compress_segmentby = 'symbol',
      timescaledb.compress_orderby = 'time');
    select tsdb.add_compression_policy('ralph.bars', compress_after => interval '90 days', if_not_exists => true);
  `,
  },
  /** A projection of the journal for SQL and dashboards; replay rebuilds it, nothing reads it back. */
  {
    number: 5,
    name: 'trials',
    sql: `
    create table ralph.trials (
      tag text not null, trial text not null, cycle integer not null, family text, candidate text, outcome text, route text,
      reasons jsonb not null default '[]', metrics jsonb not null default '{}', tokens bigint, seconds double precision,
      commit text, updated timestamptz not null default now(), primary key (tag, trial)
    );
  `,
  },
  /** Trials of two projects with the same tag stand side by side: `run` is the run's own key, as in the ledger. */
  {
    number: 6,
    name: 'trials by run',
    sql: `
    alter table ralph.trials add column run text not null default '';
    alter table ralph.trials drop constraint trials_pkey;
    alter table ralph.trials add primary key (run, tag, trial);
  `,
  },
  /** Funding rates of perpetuals, and the length of a file's bars where it is not a minute. */
  {
    number: 7,
    name: 'funding rates, lengths of bars',
    sql: `
    create table ralph.funding (
      symbol text not null, time timestamptz not null, rate double precision not null, primary key (symbol, time)
    );
    alter table ralph.ingested_files add column bar_minutes integer not null default 1;
  `,
  },
];

/** Gives the views to the role ralph_reader. It owns no login: grant it to a user of your own; the embedded server has an account. */
export const grantsOf = (schema: string): string => `
  grant usage on schema ${schema} to ralph_reader;
  grant select on ralph.visible_bars, ${AGGREGATES.map(({ timeframe: name }) => `ralph.visible_bars_${name}`).join(', ')} to ralph_reader;
`;
