/** A projection of the journal for SQL and dashboards; replay rebuilds it, nothing reads it back. */
export const trials = {
  number: 5,
  name: 'trials',
  sql: `
    create table ralph.trials (
      tag text not null,
      trial text not null,
      cycle integer not null,
      family text,
      candidate text,
      outcome text,
      route text,
      reasons jsonb not null default '[]',
      metrics jsonb not null default '{}',
      tokens bigint,
      seconds double precision,
      commit text,
      updated timestamptz not null default now(),
      primary key (tag, trial)
    );
  `,
};
