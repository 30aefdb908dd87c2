import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { databaseClosed } from '../../../src/lab/template.ts';
import { type Database, openDatabase } from '../../../src/market/database.ts';
import { emptyDatabase } from '../helpers/database.ts';

let dir: string;
let db: Database;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ralph-lost-'));
  await emptyDatabase(dir);
  db = await openDatabase({ dataDir: dir });
  await db.pool.query('create table lost (a int)');
});
after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

const text = (value: string) => Buffer.from(`${value}\0`);

/** A message of the frontend: its kind, its length, its body. */
function message(kind: string, ...body: Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + Buffer.concat(body).length);
  return Buffer.concat([Buffer.from(kind), length, ...body]);
}

const query = (sql: string) => message('Q', text(sql));
const parse = (sql: string) => message('P', text(''), text(sql), Buffer.alloc(2));
const bind = message('B', text(''), text(''), Buffer.alloc(6));
const execute = message('E', text(''), Buffer.alloc(4));

/** A client of the wire protocol that has given its password. */
async function client(): Promise<Socket> {
  const { port, username, password } = new URL(db.url);
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
  const startup = message('', Buffer.from([0, 3, 0, 0]), text('user'), text(username), Buffer.from([0]));
  socket.write(startup);
  await once(socket, 'data');
  socket.write(message('p', text(decodeURIComponent(password))));
  await once(socket, 'data');
  return socket;
}

/** Sends messages one by one, each once the one before is answered, and dies without a Sync. */
async function diesAfter(...messages: Buffer[]): Promise<void> {
  const socket = await client();
  for (const each of messages) {
    socket.write(each);
    await once(socket, 'data');
  }
  socket.destroy();
}

const rows = async () => Number((await db.pool.query('select count(*) as n from lost')).rows[0].n);

test('a client that dies in the middle of its work leaves a session that others can use, and nothing half done', async () => {
  for (const work of [
    [parse('select nonsense')],
    [query('begin'), parse('select nonsense')],
    [query('begin'), query('insert into lost values (1)'), query('select nonsense')],
    [query('begin'), query('insert into lost values (1)'), parse('select nonsense')],
    [query('begin'), query('insert into lost values (1)')],
    [parse('insert into lost values (1)'), bind, execute],
  ]) {
    await diesAfter(...work);
    assert.equal(await rows(), 0);
  }
  await db.pool.query('insert into lost values (1)');
  assert.equal(await rows(), 1);
});

test('the keeper leaves although clients died while it answered them', async () => {
  for (let i = 0; i < 5; i++) {
    const socket = await client();
    socket.write(query("select repeat('x', 1000) from generate_series(1, 20000)"));
    await once(socket, 'data');
    socket.resetAndDestroy();
  }
  assert.equal(await rows(), 1);
  await db.close();
  await databaseClosed(dir);
});
