import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type pg from 'pg';
import { say } from '../base/draw/terminal.ts';
import { messageOf, RalphError } from '../base/errors.ts';
import { type DatabaseOptions, withClient } from '../market/database.ts';
import { inTransaction, openPool } from '../market/server/pool.ts';

/** Where the lines of a ledger or of a forward record stand. */
export interface Store {
  /**
   * One step that no other process can come between: hands the lines behind number `after` to `work` and writes, durably and as
   * one, what it answers. When `work` throws, nothing is written.
   */
  transact<T>(after: number, work: (fresh: readonly string[]) => Work<T>): Promise<T>;
  close(): Promise<void>;
}

interface Work<T> {
  readonly lines: readonly { readonly seq: number; readonly text: string }[];
  readonly answer: T;
}

/** What stands in a store is not what was written there. */
export class StoreDamaged extends RalphError {
  constructor(message: string, options: { readonly remedy: string; readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StoreDamaged';
  }
}

/** How a person gets on with a store that is damaged. */
export const REMEDIES: Readonly<Record<StoreName, string>> = {
  ledger:
    'Move ledger.sqlite and the files of that name beside it out of the data folder (or rename the table ralph.ledger), then read the newest ' +
    'backup in: npm run ralph -- ledger --merge FILE. What a run spent and no backup holds, its next start enters again.',
  forward: 'Put a backup of forward.sqlite, or of the table ralph.forward, in its place.',
};

/** Opens a store of the user's database, or of the data folder when there is no url, or when the database may only be read. */
export function openStore({ dataDir, url, schema, source }: DatabaseOptions, name: StoreName): Store {
  const inFolder = () => openFileStore(dataDir, name);
  return url && !source ? openServerStore(url, name, schema, inFolder) : inFolder();
}

/** What is kept in a store: each has a file and a table of its own. */
type StoreName = 'ledger' | 'forward';
const TITLES: Readonly<Record<StoreName, string>> = { ledger: 'ledger', forward: 'forward record' };

/** Lines of a data folder, for all processes that use the folder: `ledger.sqlite` or `forward.sqlite`. A killed process leaves no lock behind. */
function openFileStore(dataDir: string, name: StoreName): Store {
  const path = join(dataDir, `${name}.sqlite`);
  let db: DatabaseSync;
  try {
    mkdirSync(dataDir, { recursive: true });
    db = new DatabaseSync(path, { timeout: 60_000 });
    // FULL syncs every commit, so that a line that was answered outlives a power cut.
    db.exec(`pragma journal_mode = wal; pragma synchronous = full; begin immediate;
      create table if not exists ${name} (seq integer primary key, text text not null);
      create trigger if not exists ${name}_no_update before update on ${name} begin select raise(abort, 'the ${TITLES[name]} only grows'); end;
      create trigger if not exists ${name}_no_delete before delete on ${name} begin select raise(abort, 'the ${TITLES[name]} only grows'); end;
      commit`);
  } catch (thrown) {
    throw (
      damaged(thrown, path, name) ??
      new RalphError(`the ${TITLES[name]} ${path} cannot be opened: ${messageOf(thrown)}`, {
        remedy: 'See who may write there (ls -ld), and whether the disk is full.',
        cause: thrown,
      })
    );
  }
  const behind = db.prepare(`select text from ${name} where seq > ? order by seq`);
  const insert = db.prepare(`insert into ${name} (seq, text) values (?, ?)`);
  return {
    async transact(after, work) {
      db.exec('begin immediate');
      try {
        const { lines, answer } = work(behind.all(after).map(({ text }) => String(text)));
        for (const { seq, text } of lines) insert.run(seq, text);
        db.exec('commit');
        return answer;
      } catch (thrown) {
        if (db.isTransaction) db.exec('rollback');
        throw damaged(thrown, path, name) ?? thrown;
      }
    },
    close: async () => db.close(),
  };
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = [11, 26];

/** The refusal of a file whose pages are not SQLite's any more; null for any other error. */
function damaged(thrown: unknown, path: string, name: StoreName): StoreDamaged | null {
  const { errcode = 0 } = thrown as { errcode?: number };
  if (!DAMAGED.includes(errcode & 0xff)) return null;
  const what = `the ${TITLES[name]} ${path} cannot be read: ${messageOf(thrown)}`;
  return new StoreDamaged(what, { remedy: REMEDIES[name], cause: thrown });
}

/** Arbitrary numbers that name these locks among the advisory locks of a server. */
const LOCK: Readonly<Record<StoreName, number>> = { ledger: 720_317_554, forward: 720_317_555 };

/**
 * Lines in the user's own database, for all machines that use it: the table `ledger` or `forward` of Ralph's schema. A user who may only read the
 * database gets what `instead` opens, and is told so.
 */
function openServerStore(url: string, name: StoreName, schema = 'ralph', instead: () => Store): Store {
  let pool: pg.Pool | undefined;
  let other: Store | undefined;
  let prepared = false;
  return {
    async transact(after, work) {
      if (other) return other.transact(after, work);
      pool ??= await openPool(url, { schema, extension: 'public' }, 1);
      return withClient({ pool }, async (client) => {
        prepared ||= await prepare(client, name, schema);
        if (!prepared) {
          say(`${TITLES[name]}: the user of DATABASE_URL may only read; it is kept in the data folder alone`);
          other = instead();
          return other.transact(after, work);
        }
        return inTransaction(client, async () => {
          await client.query('select pg_advisory_xact_lock($1)', [LOCK[name]]);
          const asked = `select text from ralph.${name} where seq > $1 order by seq`;
          const { rows } = await client.query<{ text: string }>(asked, [after]);
          const { lines, answer } = work(rows.map(({ text }) => text));
          for (const { seq, text } of lines)
            await client.query(`insert into ralph.${name} (seq, text) values ($1, $2)`, [seq, text]);
          return answer;
        });
      });
    },
    close: async () => {
      await pool?.end();
      await other?.close();
    },
  };
}

/** Makes the table where it is missing. What is there is not asked for again. False: this user may only read. */
async function prepare(client: pg.PoolClient, name: StoreName, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean; writes: boolean; reads: boolean }>(
    `select to_regclass('ralph.${name}') is not null as there,
       pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as reads,
       case when to_regclass('ralph.${name}') is not null then has_table_privilege('ralph.${name}', 'insert')
         when to_regnamespace($1) is not null then has_schema_privilege($1, 'create')
         else has_database_privilege(current_database(), 'create') end as writes`,
    [schema],
  );
  const [{ there, writes, reads }] = rows;
  if (reads || !writes) return false;
  if (there) return true;
  return inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK[name]]);
    const made = await client.query<{ made: boolean }>('select to_regnamespace($1) is not null as made', [schema]);
    if (!made.rows[0].made) await client.query(`create schema ${schema}`);
    await client.query(`
      create table if not exists ralph.${name} (seq bigint primary key, text text not null);
      create or replace function ralph.${name}_only_grows() returns trigger language plpgsql as
        $$ begin raise exception 'the ${TITLES[name]} only grows'; end $$;
      create or replace trigger ${name}_only_grows before update or delete or truncate on ralph.${name}
        execute function ralph.${name}_only_grows();`);
    return true;
  });
}
