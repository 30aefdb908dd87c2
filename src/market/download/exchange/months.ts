import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RalphError } from '../../../base/errors.ts';
import { makeFolder, syncFolder, writeFileAtomic } from '../../../base/files.ts';
import { canonicalJson, sha256 } from '../../../base/hash.ts';
import type { Row } from './venues.ts';

const monthSchema = z.strictObject({
  /** Epoch ms up to which the exchange was asked. */
  until: z.number(),
  rows: z.number(),
  /** Of the file; of nothing where the month has no bar. */
  sha256: z.string(),
});
const stateSchema = z.strictObject({ of: z.string(), months: z.record(z.string(), monthSchema) });

const HEADER = 'time,open,high,low,close,volume\n';
/** It ends in no ending of a bar file, so that `data ingest` of the folder passes it by. */
const STATE = 'download.state';

/** The bars of one market, a file a month. A kill leaves the months that are whole, and the beginning of one. */
export class MonthFiles {
  readonly #dir: string;
  readonly #symbol: string;
  readonly #step: number;
  readonly #state: z.output<typeof stateSchema>;

  /** `of` names exchange and market. Throws RalphError when the folder holds another one. */
  constructor(dir: string, symbol: string, step: number, of: string) {
    [this.#dir, this.#symbol, this.#step] = [dir, symbol, step];
    makeFolder(dir);
    const path = join(dir, STATE);
    this.#state = existsSync(path) ? readState(path) : { of, months: {} };
    if (this.#state.of === of) return;
    throw new RalphError(`${dir} holds ${this.#state.of}, not ${of}`, {
      remedy: 'Give these bars another name with --symbol.',
    });
  }

  path(month: string): string {
    return join(this.#dir, `${this.#symbol}-1m-${month}.csv`);
  }

  /** Opens a month that begins at `from` (epoch ms) for more rows; null when it is there up to `to`. */
  open(month: string, from: number, to: number): OpenMonth | null {
    const [path, part] = [this.path(month), `${this.path(month)}.part`];
    const known = this.#state.months[month];
    // killed between the note and the rename
    if (known && known.rows > 0 && printOf(path) !== known.sha256 && printOf(part) === known.sha256)
      renameSync(part, path);
    const whole = known && (known.rows === 0 || printOf(path) === known.sha256);
    if (whole && known.until >= to) return null;
    if (whole && known.rows > 0 && !textOf(part).startsWith(textOf(path))) copyFileSync(path, part);
    const { text, last } = readPart(part, from, this.#step);
    const start = Math.max(from, last + this.#step, whole ? known.until : 0);
    if (textOf(part).startsWith(text)) truncateSync(part, Buffer.byteLength(text));
    else writeFileSync(part, text);
    const file = openSync(part, 'a');
    return new OpenMonth(file, start, (until) => this.#close(month, until));
  }

  #close(month: string, until: number): void {
    const [path, part] = [this.path(month), `${this.path(month)}.part`];
    const text = readFileSync(part, 'utf8');
    const rows = text.split('\n').length - 2;
    this.#state.months[month] = { until, rows, sha256: sha256(text) };
    writeFileAtomic(join(this.#dir, STATE), `${canonicalJson(this.#state)}\n`);
    if (rows === 0) rmSync(part);
    else renameSync(part, path);
    syncFolder(this.#dir);
  }

  /** Bars of these months, and a SHA-256 over all of them and what else belongs to the market. */
  summary(months: readonly string[], beside = ''): { bars: number; fingerprint: string } {
    const known = months.flatMap((month) =>
      this.#state.months[month] ? [[month, this.#state.months[month]] as const] : [],
    );
    return {
      bars: known.reduce((sum, [, { rows }]) => sum + rows, 0),
      fingerprint: sha256(
        canonicalJson([this.#state.of, known.map(([month, { sha256: print }]) => [month, print]), beside]),
      ),
    };
  }
}

function readState(path: string): z.output<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new RalphError(`${path} is damaged: it says which months are whole`, {
      remedy: 'Delete it and repeat the command: the months beside it are downloaded again.',
      cause,
    });
  }
}

/** A month that is being brought in. */
export class OpenMonth {
  readonly #file: number;
  readonly #done: (until: number) => void;
  /** Epoch ms from which on bars are wanted. */
  readonly from: number;

  constructor(file: number, from: number, done: (until: number) => void) {
    [this.#file, this.from, this.#done] = [file, from, done];
  }

  add(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    writeAll(this.#file, rows.map((row) => `${row.join()}\n`).join(''));
    fsyncSync(this.#file);
  }

  /** Gives the file its name: it holds all bars before `until`. */
  finish(until: number): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
    this.#done(until);
  }

  /** Leaves the part for the next time. */
  leave(): void {
    closeSync(this.#file);
  }
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function printOf(path: string): string | null {
  return existsSync(path) ? sha256(textOf(path)) : null;
}

/** The whole lines that a kill left, up to the first that follows no other. */
function readPart(path: string, from: number, step: number): { text: string; last: number } {
  let [text, last] = [HEADER, from - step];
  const [, ...lines] = textOf(path).split('\n').slice(0, -1);
  for (const line of lines) {
    const row = line.split(',').map(Number);
    if (row.length !== 6 || !row.every(Number.isFinite) || row[0] <= last || row[0] % step !== 0) break;
    last = row[0];
    text += `${line}\n`;
  }
  return { text, last };
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
