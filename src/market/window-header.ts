import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Range } from './bars.ts';
import type { WindowRepairs } from './repair.ts';

/** Version of the layout of window files; a file of another version is rebuilt, never read. */
export const WINDOW_SCHEMA = 1;
/** What a window file begins with. */
export const MAGIC = Buffer.from('RALPHWIN');

/** Epoch ms, fractions of notional. */
export interface FundingRates {
  readonly time: readonly number[];
  readonly rate: readonly number[];
}

export interface WindowHeader {
  readonly schema: number;
  readonly symbol: string;
  /** The scored part. */
  readonly range: Range;
  readonly warmupMs: number;
  /** Bars before `range.from`. */
  readonly warmupBars: number;
  readonly bars: number;
  /** Runs of missing minutes between two bars, and the minutes missing in them inside `range`. */
  readonly gaps: number;
  readonly gapMinutes: number;
  /** Length of a bar in ms, the execution bar; absent for minutes: then the file is as if there were no other. */
  readonly interval?: number;
  /** Funding rates of a perpetual in the bars' span; absent where none are known: then the file is as if there were no such thing. */
  readonly funding?: FundingRates;
  /** What was struck out under which rule; absent when the rule is off: then the file is as if there were none. */
  readonly badPrints?: WindowRepairs;
  /** SHA-256 of the columns and the gap map. */
  readonly content: string;
  /** SHA-256 of what the bars came from (see provenanceOf); another one means that the file is stale. */
  readonly provenance: string;
  /** SHA-256 over what the file says and holds; equal data give an equal fingerprint on every machine. */
  readonly fingerprint: string;
}

/** A window file's header, and when the first and the last bar of its scored part open, epoch ms; null where there is none. */
export interface WindowSpan {
  readonly header: WindowHeader;
  readonly first: number | null;
  readonly last: number | null;
}

/** Reads the span of a frozen window without its columns; throws as readWindowFile does. */
export function readWindowSpan(path: string): WindowSpan {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const part = (from: number, to: number) => {
      const bytes = emptyOf(Math.min(size, to) - from);
      if (readSync(file, bytes, 0, bytes.length, from) !== bytes.length) throw shrank(path);
      return bytes;
    };
    const headerEnd = headerEndOf(part(0, 12));
    const header = headerOf(part(0, headerEnd), size, path);
    const { bars, warmupBars } = header;
    const timeOf = (bar: number) => new Float64Array(part(headerEnd + 8 * bar, headerEnd + 8 * bar + 8).buffer)[0];
    return bars > warmupBars
      ? { header, first: timeOf(warmupBars), last: timeOf(bars - 1) }
      : { header, first: null, last: null };
  } finally {
    closeSync(file);
  }
}

/** An ArrayBuffer of its own: Buffer's pool would not be aligned to 8 bytes. */
export function emptyOf(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(size));
}

/** What is thrown where a file ends before the size that it had when it was opened. */
export function shrank(path: string): Error {
  return new Error(`${path}: shrank while it was read`);
}

/** Where the columns begin; the whole of what is too short for that. */
export function headerEndOf(bytes: Uint8Array<ArrayBuffer>): number {
  return bytes.length < 12 ? bytes.length : 12 + new DataView(bytes.buffer).getUint32(8, true);
}

/** The header at the beginning of these bytes of a file of `size`. */
export function headerOf(bytes: Uint8Array<ArrayBuffer>, size: number, path: string): WindowHeader {
  if (size < 12 || !MAGIC.equals(bytes.subarray(0, 8))) throw new Error(`${path}: not a window file`);
  const headerEnd = headerEndOf(bytes);
  if (headerEnd > size) throw new Error(`${path}: cut short in its header`);
  const header = JSON.parse(Buffer.from(bytes.buffer, 12, headerEnd - 12).toString()) as WindowHeader;
  if (header.schema !== WINDOW_SCHEMA) throw new Error(`${path}: schema ${header.schema}, expected ${WINDOW_SCHEMA}`);
  const expected = headerEnd + header.bars * 48 + header.gaps * 8;
  if (size !== expected) throw new Error(`${path}: ${size} bytes, expected ${expected}`);
  return header;
}
