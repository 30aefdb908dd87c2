import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from '../../base/attempt.ts';
import { RalphError } from '../../base/errors.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';

const PATIENCE_MS = 60_000;
/** A keeper that something from outside ends this often while it starts is taken for a reason to stop. */
const MOST_KILLS = 3;
const KEEPER = join(import.meta.dirname, `keeper${MODULE_ENDING}`);

/** File in the database's folder that says where its keeper listens. The folder is the owner's alone. */
export const KEEPER_FILE = 'keeper.json';

export interface KeeperAddress {
  readonly pid: number;
  readonly port: number;
  readonly password: string;
  readonly readerPassword: string;
}

/** What a keeper says, once, to the process that started it. */
export type KeeperReport = { kind: 'ready' } | { kind: 'busy' } | { kind: 'failed'; message: string };

/** What became of a keeper that was started. */
type Start = KeeperReport | { kind: 'killed'; signal: string };

/** A share in a folder's embedded database, held by an open connection and so given up by any end of this process. */
export interface Lease {
  readonly address: KeeperAddress;
  release(): void;
}

/** Joins the keeper of a folder, starting one where there is none. Throws RalphError when it cannot start. */
export async function takeLease(folder: string): Promise<Lease> {
  mkdirSync(folder, { recursive: true });
  let end = Date.now() + PATIENCE_MS;
  let kills = 0;
  while (Date.now() < end) {
    const joined = await joinKeeper(folder);
    if (joined) return joined;
    const report = await startKeeper(folder);
    if (report.kind === 'killed' && ++kills < MOST_KILLS) continue;
    if (report.kind === 'failed' || report.kind === 'killed') {
      const why =
        report.kind === 'failed' ? report.message : `its process was ended ${kills} times by ${report.signal}`;
      throw new RalphError(`the embedded database in ${folder} did not start: ${why}`, {
        remedy: `Read ${join(folder, 'keeper.log')}; free disk space or move the folder away, or set DATABASE_URL.`,
      });
    }
    // A slow start is no silence: what has said that it is ready is waited for anew.
    if (report.kind === 'ready') end = Date.now() + PATIENCE_MS;
    // busy: another keeper is starting or leaving
    if (report.kind === 'busy') await sleep(100);
  }
  throw new RalphError(`the embedded database in ${folder} is locked by a process that does not answer`, {
    remedy: `See which process has ${join(folder, 'lock.sqlite')} open, end it, and repeat the command.`,
  });
}

async function joinKeeper(folder: string): Promise<Lease | null> {
  const address = attempt(() => JSON.parse(readFileSync(join(folder, KEEPER_FILE), 'utf8')) as KeeperAddress);
  if (!address) return null;
  const socket = connect({ host: '127.0.0.1', port: address.port });
  socket.on('error', () => {});
  const reached = await once(socket, 'connect').catch(() => null);
  if (!reached) return null;
  socket.unref();
  return { address, release: () => socket.destroy() };
}

function startKeeper(folder: string): Promise<Start> {
  const log = openSync(join(folder, 'keeper.log'), 'a', 0o600);
  // its own process group: it outlives the harness that started it; no secrets of the harness go along
  const child = fork(KEEPER, [folder], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { PATH: process.env.PATH },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  closeSync(log);
  return new Promise((resolve) => {
    child.once('message', (message) => {
      child.disconnect();
      // From here on nothing of this process waits for it.
      child.unref();
      resolve(message as KeeperReport);
    });
    child.once('exit', (code, signal) =>
      resolve(signal ? { kind: 'killed', signal } : { kind: 'failed', message: `it ended with ${code}` }),
    );
    child.once('error', (error) => resolve({ kind: 'failed', message: error.message }));
  });
}
