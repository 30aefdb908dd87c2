import { AGGREGATES } from './002-aggregates.ts';

/** What anything but the harness may see: bars that were over before the train cutoff. Without a cutoff nothing is visible. */
export const reader = {
  number: 3,
  name: 'reader role behind the train cutoff',
  sql: (_: unknown, schema: string) => `
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
};

/** Gives the views to the role ralph_reader. It owns no login: grant it to a user of your own; the embedded server has an account. */
export const grantsOf = (schema: string): string => `
  grant usage on schema ${schema} to ralph_reader;
  grant select on ralph.visible_bars, ${AGGREGATES.map(({ timeframe: name }) => `ralph.visible_bars_${name}`).join(', ')} to ralph_reader;
`;
