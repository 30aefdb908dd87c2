import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { isTorn, syncFolder, textAt, writeFileAtomic } from '../base/files.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import { jsonIn } from '../base/json.ts';
import type { TrackedRun } from './tracker.ts';

/** A run in the outbox and the digest by which the server's copy is recognised. */
export interface OutboxItem {
  /** File name within its folder. */
  readonly file: string;
  readonly run: TrackedRun;
  readonly digest: string;
}

/** What `track status` and `status` show; kept beside the items so that any process can read it. */
export interface SenderState {
  readonly lastError: string | null;
  /** Epoch ms before which nothing is sent; 0 for none. */
  readonly retryAt: number;
  readonly attempts: number;
}

const FRESH: SenderState = { lastError: null, retryAt: 0, attempts: 0 };

/** The folder in which results wait until the server says that it has them. One harness writes, one sender takes away. */
export type Outbox = ReturnType<typeof openOutbox>;

/** Opens the outbox of a run folder; creates it when `create` is set. */
export function openOutbox(runDir: string, create = true) {
  const root = join(runDir, 'outbox');
  const folder = (name: string) => join(root, name);
  if (create) for (const name of ['pending', 'failed']) mkdirSync(folder(name), { recursive: true });
  const list = (name: string) => (existsSync(folder(name)) ? readdirSync(folder(name)).filter(isItem).sort() : []);
  const ledger = join(root, 'delivered.jsonl');
  let next =
    1 + [...list('pending'), ...list('failed')].reduce((most, file) => Math.max(most, Number(file.slice(0, 10))), 0);

  return {
    put(run: TrackedRun): string {
      const digest = digestOf(run);
      const file = `${String(next++).padStart(10, '0')}-${run.id}.json`;
      failpoint('tracking.enqueue.before');
      writeFileAtomic(join(folder('pending'), file), JSON.stringify({ digest, run }));
      failpoint('tracking.enqueue.after');
      return file;
    },
    /** File names, oldest first, without those that a newer item of the same run replaces. */
    pending: () => newestOfEach(list('pending'), (file) => rmSync(join(folder('pending'), file), { force: true })),
    /** Throws RalphError for an item that is not what was put: its numbers would be sent as those of the run. */
    read(file: string): OutboxItem {
      const path = join(folder('pending'), file);
      const { digest, run } = (jsonIn(readFileSync(path, 'utf8')) ?? {}) as Pick<OutboxItem, 'digest' | 'run'>;
      if (!run || digestOf(run) !== digest)
        throw new RalphError(`${path} is not what was put into the outbox`, {
          remedy: 'Make it again from the journal: npm run ralph -- track sync',
        });
      // An item of an older version names neither.
      return { file, run: { ...run, files: run.files ?? [], alert: run.alert ?? null }, digest };
    },
    delivered({ file, run, digest }: OutboxItem): void {
      failpoint('tracking.delivered.before');
      const line = JSON.stringify({ id: run.id, digest, at: Date.now() });
      appendFileSync(ledger, `${isTorn(ledger) ? '\n' : ''}${line}\n`, { flush: true });
      failpoint('tracking.delivered.noted');
      rmSync(join(folder('pending'), file), { force: true });
      syncFolder(folder('pending'));
      failpoint('tracking.delivered.after');
    },
    /** Puts an item that was refused again and again aside; `retry` brings them back. */
    setAside(file: string): void {
      renameSync(join(folder('pending'), file), join(folder('failed'), file));
    },
    /** Keeps a damaged item out of the way, under a name that nothing brings back. */
    discard(file: string): void {
      renameSync(join(folder('pending'), file), join(folder('failed'), `${file}.damaged`));
    },
    retry(): number {
      const files = list('failed');
      for (const file of files) renameSync(join(folder('failed'), file), join(folder('pending'), file));
      return files.length;
    },
    failed: () => list('failed'),
    counts(): Record<'pending' | 'failed' | 'delivered', number> {
      return { pending: this.pending().length, failed: list('failed').length, delivered: readLedger(ledger).size };
    },
    /** Digest last confirmed for each run. */
    deliveredDigests: () => readLedger(ledger),
    state: (): SenderState => (jsonIn(textAt(join(root, 'state.json')) ?? '') as SenderState | undefined) ?? FRESH,
    saveState: (state: SenderState) => writeFileAtomic(join(root, 'state.json'), JSON.stringify(state)),
  };
}

/** SHA-256 over everything the server should hold of a run. An alert is told and not held: a later one is no reason to send the run again. */
export function digestOf({ alert: _, ...held }: TrackedRun): string {
  return sha256(canonicalJson(held));
}

/** The run an outbox file belongs to. */
export function idOf(file: string): string {
  return file.slice(11, -'.json'.length);
}

function isItem(file: string): boolean {
  return /^\d{10}-.*\.json$/.test(file);
}

function newestOfEach(files: readonly string[], drop: (file: string) => void): string[] {
  const newest = new Map(files.map((file) => [idOf(file), file]));
  return files.filter((file) => {
    if (newest.get(idOf(file)) === file) return true;
    drop(file);
    return false;
  });
}

function readLedger(path: string): Map<string, string> {
  const digests = new Map<string, string>();
  for (const line of (textAt(path) ?? '').split('\n')) {
    // A torn last line is none: its item is still pending and the server will be asked again.
    const noted = jsonIn(line) as { id: string; digest: string } | undefined;
    if (noted) digests.set(noted.id, noted.digest);
  }
  return digests;
}
