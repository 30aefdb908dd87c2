import { RalphError } from '../base/errors.ts';
import { GENESIS, type Head, sha256 } from '../base/hash.ts';
import { jsonIn } from '../base/json.ts';
import type { RunEvent } from './events.ts';
import { refuseNewer, upcast } from './versions.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** One place where a journal is not what was written. Line and sequence count from 1; sequence is what should stand there. */
export interface Damage {
  readonly file: string;
  readonly line: number;
  readonly seq: number;
  readonly problem: string;
}

/** What was found in the bytes of a journal. */
export interface Scan {
  readonly events: RunEvent[];
  /** Bytes of whole, sound lines from the start. */
  readonly soundBytes: number;
  readonly head: Head;
  /** Text after the last sound line that a torn write can explain; null when there is none. */
  readonly torn: Buffer | null;
  /** The first damage, or null. Events stop before it. */
  readonly damage: Damage | null;
}

/** A journal that is not what was written: names file, line and sequence. Never skipped, never repaired by guessing. */
export class JournalDamaged extends RalphError {
  readonly damage: Damage;

  constructor(damage: Damage) {
    super(`${damage.file}:${damage.line}: event ${damage.seq}: ${damage.problem}`, {
      remedy:
        damage.problem === CRLF
          ? crlfRemedy(damage.file)
          : 'Restore that file from a backup, or start under a new tag; `npm run ralph -- verify` lists every problem.',
    });
    this.name = 'JournalDamaged';
    this.damage = damage;
  }
}

/**
 * Reads lines and checks sequence and hash chain behind the head `start`. An unfinished last line is torn, anything else wrong is damage with
 * its line. Throws RalphError for a line of a later version.
 */
export function scanLines(bytes: Buffer, file: string, start = GENESIS): Scan {
  const events: RunEvent[] = [];
  let at = 0;
  let line = 0;
  let head = start;
  while (at < bytes.length) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) return { events, soundBytes: at, head, torn: bytes.subarray(at), damage: null };
    line += 1;
    const text = bytes.subarray(at, end);
    const read = readLine(text, head);
    if (typeof read === 'string') {
      // A newline can reach the disk before the sectors in front of it: unreadable and last is torn, not damaged.
      const last = end === bytes.length - 1;
      if (last && read === UNREADABLE) return { events, soundBytes: at, head, torn: bytes.subarray(at), damage: null };
      const damage = { file, line, seq: head.seq + 1, problem: read };
      return { events, soundBytes: at, head, torn: null, damage };
    }
    refuseNewer(read, `${file}:${line}`);
    events.push(upcast(read));
    head = { seq: read.seq, hash: sha256(text) };
    at = end + 1;
  }
  return { events, soundBytes: at, head, torn: null, damage: null };
}

const UNREADABLE = 'the line is not JSON';

/** What an editor or a copy from another system makes of the line ends; nothing else of the file has to have changed. */
export const CRLF = 'the lines end in CRLF: a program wrote this file anew';

export function crlfRemedy(file: string): string {
  return `Take the carriage returns out again: sed -i 's/\\r$//' '${file}'`;
}

/** The event of one line, or what is wrong with it. */
export function readLine(text: Buffer, before: Head): RunEvent | string {
  if (text.at(-1) === CARRIAGE_RETURN) return CRLF;
  const event = jsonIn(text.toString('utf8')) as RunEvent | null | undefined;
  if (event === undefined) return UNREADABLE;
  if (event === null || typeof event !== 'object' || typeof event.type !== 'string') return 'the line is not an event';
  if (event.seq !== before.seq + 1) return `expected sequence ${before.seq + 1}, got ${JSON.stringify(event.seq)}`;
  if (event.prev !== before.hash)
    return 'the hash of the line before does not match: that line or this one was changed';
  return event;
}
