import type { Migration } from './migration.ts';

const VIEWS = [
  ['5m', '5 minutes'],
  ['15m', '15 minutes'],
  ['1h', '1 hour'],
  ['4h', '4 hours'],
  ['1d', '1 day'],
] as const;

/**
 * What anything but the harness may see: bars that were over before the train cutoff. Without a cutoff nothing is
 * visible. The role owns no login: on a server grant it to a user of your own; the embedded server has an account.
 */
export const reader: Migration = {
  number: 3,
  name: 'reader role behind the train cutoff',
  sql: `
    create table ralph.settings (key text primary key, value text not null);

    create function ralph.train_cutoff() returns timestamptz language sql stable security definer
      set search_path = pg_catalog as
      $$ select coalesce((select value::timestamptz from ralph.settings where key = 'train_cutoff'), '-infinity') $$;

    create view ralph.visible_bars with (security_barrier = true) as
      select symbol, time, open, high, low, close, volume from ralph.bars
      where time + interval '1 minute' <= ralph.train_cutoff();
    ${VIEWS.map(
      ([name, width]) => `create view ralph.visible_bars_${name} with (security_barrier = true) as
      select * from ralph.bars_${name} where bucket + interval '${width}' <= ralph.train_cutoff();`,
    ).join('\n    ')}

    do $$ begin
      create role ralph_reader nologin;
    exception
      when duplicate_object then null;
      when insufficient_privilege then raise exception
        'the user of DATABASE_URL may not create the role ralph_reader; create it once as a superuser: create role ralph_reader nologin';
    end $$;
    revoke all on all tables in schema ralph from public;
    grant usage on schema ralph to ralph_reader;
    grant select on ralph.visible_bars, ${VIEWS.map(([name]) => `ralph.visible_bars_${name}`).join(', ')} to ralph_reader;
  `,
};
