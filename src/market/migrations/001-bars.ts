/**
 * Bars, the files they came from, the holes between them. `source` is the ingested file's id. No index on time alone:
 * every question names a symbol, and the primary key answers those; a second index costs a third of the ingest rate.
 */
export const bars = {
  number: 1,
  name: 'bars, ingested files, gaps',
  sql: `
    create table ralph.bars (
      symbol text not null,
      time timestamptz not null,
      open double precision not null,
      high double precision not null,
      low double precision not null,
      close double precision not null,
      volume double precision not null,
      source integer not null,
      primary key (symbol, time)
    );
    select tsdb.create_hypertable('ralph.bars', tsdb.by_range('time', interval '30 days'), create_default_indexes => false);

    create unlogged table ralph.staged_bars (
      source integer not null,
      time timestamptz not null,
      open double precision not null,
      high double precision not null,
      low double precision not null,
      close double precision not null,
      volume double precision not null
    );

    create table ralph.ingested_files (
      id integer generated always as identity primary key,
      symbol text not null,
      name text not null,
      size bigint not null,
      sha256 text not null,
      format text not null,
      state text not null check (state in ('loading', 'done')),
      refreshed boolean not null default false,
      rows bigint not null default 0,
      inserted bigint not null default 0,
      replaced bigint not null default 0,
      conflicts bigint not null default 0,
      rejected bigint not null default 0,
      first timestamptz,
      last timestamptz,
      started timestamptz not null default now(),
      finished timestamptz,
      unique (symbol, sha256)
    );

    create table ralph.gaps (
      symbol text not null,
      from_time timestamptz not null,
      to_time timestamptz not null,
      minutes integer not null check (minutes > 0),
      primary key (symbol, from_time)
    );
  `,
};
