import { readdirSync, readFileSync } from 'node:fs';
import { KEEPER_FILE, type KeeperAddress } from '../../../market/embedded/lease.ts';
import { childrenOf, commandOf } from '../../processes.ts';

/** What a process of a run is for. */
export type Role = 'harness' | 'agent' | 'evaluation' | 'sender' | 'database';

export interface Process {
  readonly role: Role;
  readonly pid: number;
}

const ROLES: readonly (readonly [Role, RegExp])[] = [
  ['sender', /sender\/main\.ts/],
  ['agent', /-e process\.once.*session\.js/s],
  ['evaluation', /-e process\.once.*box\.js|evaluate\.mjs/s],
];

/** The living processes of a run: the harness, its children by what they are, and the keeper of the embedded database. */
export function processesOf(harness: number | undefined, databaseDir: string | null): Process[] {
  const found: Process[] = harness === undefined ? [] : [{ role: 'harness', pid: harness }];
  for (const pid of harness === undefined ? [] : childrenOf(harness)) {
    const command = commandOf(pid);
    const role = ROLES.find(([, pattern]) => pattern.test(command))?.[0];
    if (role) found.push({ role, pid });
  }
  const keeper = databaseDir === null ? null : keeperOf(databaseDir);
  if (keeper !== null) found.push({ role: 'database', pid: keeper });
  return found;
}

/** Process number of the keeper of a database folder; null when it says nothing. */
function keeperOf(folder: string): number | null {
  try {
    return (JSON.parse(read(`${folder}/${KEEPER_FILE}`)) as KeeperAddress).pid;
  } catch {
    return null;
  }
}

/** Resident memory of a process in kB, 0 when it is gone. */
export function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Files, sockets and pipes that a process has open; 0 when it is gone. */
export function handlesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
