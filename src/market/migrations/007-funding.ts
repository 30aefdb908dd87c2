/** Funding rates of perpetuals, and the length of a file's bars where it is not a minute. */
export const funding = {
  number: 7,
  name: 'funding rates, lengths of bars',
  sql: `
    create table ralph.funding (
      symbol text not null,
      time timestamptz not null,
      rate double precision not null,
      primary key (symbol, time)
    );
    alter table ralph.ingested_files add column bar_minutes integer not null default 1;
  `,
};
