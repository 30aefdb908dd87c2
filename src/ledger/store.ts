import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type pg from 'pg';
import { EXIT, messageOf, RalphError } from '../base/errors.ts';
import { say } from '../base/terminal.ts';
import { beginWork, openPool } from '../market/server/pool.ts';

/** Where the lines of a ledger stand. */
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

/** The ledger of a data folder, for all processes that use the folder: `ledger.sqlite`. A killed process leaves no lock behind. */
export function openFileStore(dataDir: string): Store {
  const path = join(dataDir, 'ledger.sqlite');
  let db: DatabaseSync;
  try {
    mkdirSync(dataDir, { recursive: true });
    db = new DatabaseSync(path, { timeout: 60_000 });
    // FULL syncs every commit, so that a line that was answered outlives a power cut.
    db.exec(`pragma journal_mode = wal; pragma synchronous = full; begin immediate;
      create table if not exists ledger (seq integer primary key, text text not null);
      create trigger if not exists ledger_no_update before update on ledger begin select raise(abort, 'the ledger only grows'); end;
      create trigger if not exists ledger_no_delete before delete on ledger begin select raise(abort, 'the ledger only grows'); end;
      commit`);
  } catch (thrown) {
    throw new RalphError(`the ledger ${path} cannot be opened: ${messageOf(thrown)}`, {
      remedy: 'Put a backup in its place (npm run ralph -- ledger --merge FILE reads one), or see who may write there.',
      exitCode: EXIT.failed,
      cause: thrown,
    });
  }
  const behind = db.prepare('select text from ledger where seq > ? order by seq');
  const insert = db.prepare('insert into ledger (seq, text) values (?, ?)');
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
        throw thrown;
      }
    },
    close: async () => db.close(),
  };
}

/** An arbitrary number that names this lock among the advisory locks of a server. */
const LOCK = 720_317_554;

/**
 * The ledger in the user's own database, for all machines that use it: the table `ledger` of Ralph's schema. A user who may only read the
 * database gets what `instead` opens, and is told so.
 */
export function openServerStore(url: string, schema = 'ralph', instead: () => Store): Store {
  let pool: pg.Pool | undefined;
  let other: Store | undefined;
  let prepared = false;
  return {
    async transact(after, work) {
      if (other) return other.transact(after, work);
      pool ??= await openPool(url, { schema, extension: 'public' }, 1);
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        if (!prepared && !(await prepare(client, schema))) {
          say(`ledger: the user of DATABASE_URL may only read; what is spent is counted in the data folder alone`);
          other = instead();
          return await other.transact(after, work);
        }
        await beginWork(client);
        await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
        const { rows } = await client.query<{ text: string }>(
          'select text from ralph.ledger where seq > $1 order by seq',
          [after],
        );
        const { lines, answer } = work(rows.map(({ text }) => text));
        for (const { seq, text } of lines)
          await client.query('insert into ralph.ledger (seq, text) values ($1, $2)', [seq, text]);
        await client.query('commit');
        prepared = true;
        return answer;
      } catch (thrown) {
        // Closing the connection rolls back, whatever state it is in.
        broken = thrown instanceof Error ? thrown : new Error(String(thrown));
        throw thrown;
      } finally {
        client.release(broken);
      }
    },
    close: async () => {
      await pool?.end();
      await other?.close();
    },
  };
}

/** Makes the table where it is missing. What is there is not asked for again. False: this user may only read. */
async function prepare(client: pg.PoolClient, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean; writes: boolean; reads: boolean }>(
    `select to_regclass('ralph.ledger') is not null as there,
       pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as reads,
       case when to_regclass('ralph.ledger') is not null then has_table_privilege('ralph.ledger', 'insert')
         when to_regnamespace($1) is not null then has_schema_privilege($1, 'create')
         else has_database_privilege(current_database(), 'create') end as writes`,
    [schema],
  );
  const [{ there, writes, reads }] = rows;
  if (reads || !writes) return false;
  if (there) return true;
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
  const made = await client.query<{ made: boolean }>('select to_regnamespace($1) is not null as made', [schema]);
  if (!made.rows[0].made) await client.query(`create schema ${schema}`);
  await client.query(TABLE);
  await client.query('commit');
  return true;
}

const TABLE = `
  create table if not exists ralph.ledger (seq bigint primary key, text text not null);
  create or replace function ralph.ledger_only_grows() returns trigger language plpgsql as
    $$ begin raise exception 'the ledger only grows'; end $$;
  create or replace trigger ledger_only_grows before update or delete or truncate on ralph.ledger
    execute function ralph.ledger_only_grows();
`;
