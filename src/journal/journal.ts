import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { attempt } from '../base/attempt.ts';
import { RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { syncFolder, writeFileAtomic } from '../base/files.ts';
import { type Head, sha256 } from '../base/hash.ts';
import { eventSchema, type RalphEvent, type RunEvent, SCHEMA_VERSION } from './events.ts';
import { scanLines } from './lines.ts';
import { type Replay, replay } from './replay.ts';
import { openPart, writePart } from './sealed/part.ts';

/** The append-only truth of a run. One process writes it (see lock.ts); any number may read. */
export type Journal = ReturnType<typeof writer>;

export interface JournalOptions {
  /** Told in one line when a line that a crash left unfinished was cut from the end. */
  readonly onCut?: (line: string) => void;
  /** Epoch ms; tests set it. */
  readonly now?: () => number;
  /** Size from which the live file is sealed into a part when a cycle or a segment ends. */
  readonly sealBytes?: number;
}

const SEAL_BYTES = 4 * 1024 * 1024;
/** A segment that left less than this is not worth a part of its own. */
const SEAL_SEGMENT_SHARE = 1 / 16;

/** Opens or creates a journal for writing. A torn last line is moved aside and told through onCut. Throws JournalDamaged for other damage. */
export function openJournal(path: string, options: JournalOptions = {}): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const replayed = replay(path);
  const file = openSync(path, 'a+');
  try {
    const { live } = replayed;
    if (live.torn) {
      // Not inside of the call: without onCut it would never be cut.
      const cut = cutTail(path, file, live.torn, live.soundBytes, live.head.seq + 1);
      options.onCut?.(cut);
    }
    if (live.soundBytes === 0) syncFolder(dirname(path));
    keepReserve(path);
    return writer(file, path, replayed, options);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Every whole event of a journal that another process may be writing; an empty list when there is none. Changes nothing. */
export function readJournal(path: string): RunEvent[] {
  return replay(path).events;
}

function cutTail(path: string, file: number, torn: Buffer, soundBytes: number, seq: number): string {
  const keptAs = `${path}.torn-${seq}-${sha256(torn).slice(0, 8)}`;
  failpoint('journal.cut.before');
  writeFileAtomic(keptAs, torn);
  failpoint('journal.cut.kept');
  ftruncateSync(file, soundBytes);
  fdatasyncSync(file);
  failpoint('journal.cut.after');
  return `event ${seq} was left unfinished by a crash: its ${torn.length} bytes were moved to ${basename(keptAs)}`;
}

function writer(opened: number, path: string, { events, sealed, live }: Replay, options: JournalOptions) {
  const { now = Date.now, sealBytes = SEAL_BYTES } = options;
  let file = opened;
  let head = live.head;
  let size = live.soundBytes;
  let inParts = sealed;
  let broken: unknown = null;

  /** Writes and syncs; on failure takes back what part had been written, so that the next line starts on a line of its own. */
  const put = (line: string): void => {
    try {
      writeFileSync(file, line);
      failpoint('journal.sync.before');
      fdatasyncSync(file);
    } catch (error) {
      try {
        ftruncateSync(file, size);
        fdatasyncSync(file);
      } catch (second) {
        broken = second;
      }
      throw error;
    }
  };

  const add = (event: RalphEvent): RunEvent => {
    const full = envelope(event, head, now());
    const text = JSON.stringify(full);
    failpoint(`journal.${event.type}.before`);
    if (event.type === 'run.ended') withReserve(path, () => put(`${text}\n`));
    else put(`${text}\n`);
    size += Buffer.byteLength(text) + 1;
    failpoint(`journal.${event.type}.after`);
    head = { seq: full.seq, hash: sha256(text) };
    events.push(full);
    return full;
  };

  /** Moves the live file into a part: the new file, which begins with the seal, replaces it in one step. */
  const seal = (): void => {
    const text = readFileSync(path).subarray(0, size);
    const before = events[inParts];
    const part = 1 + (before?.type === 'journal.sealed' ? before.part : 0);
    const sealing = writePart(path, part, text, events.slice(inParts), head);
    const first = envelope({ type: 'journal.sealed', ...sealing }, head, now());
    const line = JSON.stringify(first);
    failpoint('journal.seal.before');
    try {
      writeFileAtomic(path, `${line}\n`);
    } catch (error) {
      // Only if the new file did not take the place of the old one is everything as before.
      if (statSync(path).ino === fstatSync(file).ino) throw error;
    }
    failpoint('journal.seal.after');
    closeSync(file);
    file = openSync(path, 'a+');
    // From here on memory holds only what scans compare; the rest is read back from the part.
    const light = openPart(path, sealing, (bytes) => scanLines(bytes, path).events).events;
    for (const [i, event] of light.entries()) events[inParts + i] = event;
    inParts = events.length;
    events.push(first);
    head = { seq: first.seq, hash: sha256(line) };
    size = Buffer.byteLength(line) + 1;
  };

  /** The event is on the disk already: a full disk only puts the sealing off until the next cycle. */
  const sealIfPossible = (): void => {
    try {
      seal();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  };

  return {
    /** Every event so far, in order. The same array grows with each append. */
    events: events as readonly RunEvent[],
    /** The last line. */
    get head() {
      return head;
    },
    /** Adds one event, checked against its schema; it is on the disk on return. On a full disk it throws, adds nothing, and stays usable. */
    append: (event: RalphEvent): RunEvent => {
      if (broken)
        throw new RalphError(`${path}: closed after a failed write`, {
          remedy: 'Run the same command again.',
          cause: broken,
        });
      const added = add(event);
      const share = event.type === 'cycle.mirrored' ? 1 : event.type === 'segment.started' ? SEAL_SEGMENT_SHARE : 0;
      if (share > 0 && size > sealBytes * share) sealIfPossible();
      return added;
    },
    close: () => {
      broken ??= new Error('the journal was closed');
      try {
        fdatasyncSync(file);
      } finally {
        closeSync(file);
      }
    },
  };
}

/** Room that is given up for the last event of a run, so that a full disk can still be told in the journal. */
const RESERVE_BYTES = 16 * 1024;

function keepReserve(path: string): void {
  // There already, or no room even for this: then the end of a run on a full disk is told at the terminal alone.
  attempt(() => writeFileSync(`${path}.reserve`, Buffer.alloc(RESERVE_BYTES, 1), { flag: 'wx' }));
}

function withReserve(path: string, put: () => void): void {
  try {
    put();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    rmSync(`${path}.reserve`, { force: true });
    put();
  }
}

/** The event as it will stand in the journal. Throws TypeError when its schema refuses it. */
function envelope(event: RalphEvent, before: Head, at: number): RunEvent {
  const checked = eventSchema.safeParse(event);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new TypeError(`journal: ${event.type}: ${issue.path.join('.')}: ${issue.message}`);
  }
  const { type, ...rest } = event;
  return { seq: before.seq + 1, at, v: SCHEMA_VERSION, type, ...rest, prev: before.hash } as RunEvent;
}
