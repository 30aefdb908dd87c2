import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RalphError } from '../../../base/errors.ts';
import { hashAt, makeFolder, syncFile, syncFolder, textAt, writeFileAtomic } from '../../../base/files.ts';
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

/** A month that is being brought in. A kill leaves its part for the next time. */
interface OpenMonth {
  /** Epoch ms from which on bars are wanted. */
  readonly from: number;
  add(rows: readonly Row[]): void;
  /** Gives the file its name: it holds all bars before `until`. */
  finish(until: number): void;
}

/**
 * The bars of one market, a file a month, each of `step` ms. A kill leaves the months that are whole, and the beginning of one. `of` names
 * exchange and market. Throws RalphError when the folder holds another one.
 */
export function openMonths(dir: string, symbol: string, step: number, of: string) {
  makeFolder(dir);
  const statePath = join(dir, STATE);
  const state = existsSync(statePath) ? readState(statePath) : { of, months: {} };
  if (state.of !== of)
    throw new RalphError(`${dir} holds ${state.of}, not ${of}`, {
      remedy: 'Give these bars another name with --symbol.',
    });
  const pathOf = (month: string) => join(dir, `${symbol}-1m-${month}.csv`);

  const close = (month: string, part: string, until: number) => {
    syncFile(part);
    const text = readFileSync(part, 'utf8');
    const rows = text.split('\n').length - 2;
    state.months[month] = { until, rows, sha256: sha256(text) };
    writeFileAtomic(statePath, `${canonicalJson(state)}\n`);
    if (rows === 0) rmSync(part);
    else renameSync(part, pathOf(month));
    syncFolder(dir);
  };
  return {
    /** Opens a month that begins at `from` (epoch ms) for more rows; null when it is there up to `to`. */
    open(month: string, from: number, to: number): OpenMonth | null {
      const [path, part] = [pathOf(month), `${pathOf(month)}.part`];
      const known = state.months[month];
      // killed between the note and the rename
      if (known && known.rows > 0 && hashAt(path) !== known.sha256 && hashAt(part) === known.sha256)
        renameSync(part, path);
      const whole = known && (known.rows === 0 || hashAt(path) === known.sha256);
      if (whole && known.until >= to) return null;
      if (whole && known.rows > 0 && !textOf(part).startsWith(textOf(path))) copyFileSync(path, part);
      const { text, last } = readPart(part, from, step);
      if (textOf(part).startsWith(text)) truncateSync(part, Buffer.byteLength(text));
      else writeFileSync(part, text);
      return {
        from: Math.max(from, last + step, whole ? known.until : 0),
        add: (rows) => appendFileSync(part, rows.map((row) => `${row.join()}\n`).join(''), { flush: true }),
        finish: (until) => close(month, part, until),
      };
    },
    /** Bars of these months, and a SHA-256 over all of them and what else belongs to the market. */
    summary(months: readonly string[], beside = ''): { bars: number; fingerprint: string } {
      const known = months.filter((month) => state.months[month]).map((month) => [month, state.months[month]] as const);
      const prints = known.map(([month, { sha256: print }]) => [month, print]);
      return {
        bars: known.reduce((sum, [, { rows }]) => sum + rows, 0),
        fingerprint: sha256(canonicalJson([state.of, prints, beside])),
      };
    },
  };
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

function textOf(path: string): string {
  return textAt(path) ?? '';
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
