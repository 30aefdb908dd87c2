import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { writeFileAtomic } from '../base/files.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import { type Bars, barsOf, columnsOf, MINUTE } from './bars.ts';
import { emptyOf, headerEndOf, headerOf, MAGIC, shrank, WINDOW_SCHEMA, type WindowHeader } from './window-header.ts';

/** What a frozen window hands to an evaluation. */
export interface WindowData
  extends Pick<WindowHeader, 'symbol' | 'range' | 'warmupBars' | 'interval' | 'funding' | 'fingerprint'> {
  /** Warm-up bars first, then the bars of `range`. */
  readonly bars: Bars;
}

/**
 * Layout, little endian: 8 bytes magic, uint32 header length, the header as JSON padded with blanks to a multiple of 8,
 * then time, open, high, low, close, volume as float64 columns, then the gap map as uint32 pairs (index of the bar
 * after the gap, minutes missing).
 */
export function writeWindowFile(
  path: string,
  bars: Bars,
  about: Pick<WindowHeader, 'symbol' | 'range' | 'warmupMs' | 'provenance' | 'badPrints' | 'interval' | 'funding'>,
): WindowHeader {
  const { interval = MINUTE } = about;
  const map = gapMap(bars.time, interval);
  const body = Buffer.concat([...columnsOf(bars), map].map(bytesOf));
  let warmupBars = 0;
  while (warmupBars < bars.length && bars.time[warmupBars] < about.range.from) warmupBars += 1;
  const facts = {
    schema: WINDOW_SCHEMA,
    symbol: about.symbol,
    range: about.range,
    warmupMs: about.warmupMs,
    warmupBars,
    bars: bars.length,
    gaps: map.length / 2,
    gapMinutes: missingMinutes(map, warmupBars),
    ...(interval !== MINUTE && { interval }),
    ...(about.funding && { funding: about.funding }),
    ...(about.badPrints && { badPrints: about.badPrints }),
    content: sha256(body),
  };
  // where the bars came from does not enter: the same bars by another road are the same window
  const header = { ...facts, provenance: about.provenance, fingerprint: sha256(canonicalJson(facts)) };
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil((text.length + 12) / 8) * 8 - 12, ' ');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(padded.length);
  writeFileAtomic(path, Buffer.concat([MAGIC, length, Buffer.from(padded), body]));
  return header;
}

/** Opens a frozen window: one read, no parsing, columns are views. Throws when it is not a whole file of this schema. */
export function readWindowFile(path: string): WindowData {
  return dataOf(readWhole(path));
}

/** The header of a file whose columns still have the fingerprint they were written with; throws otherwise. */
export function verifyWindowFile(path: string): WindowHeader {
  return verified(path).header;
}

interface Whole {
  readonly header: WindowHeader;
  readonly body: Uint8Array<ArrayBuffer>;
}

function dataOf({ header, body }: Whole): WindowData {
  const column = (k: number) => new Float64Array(body.buffer, body.byteOffset + k * header.bars * 8, header.bars);
  return windowOf(header, barsOf([0, 1, 2, 3, 4, 5].map(column)));
}

/** What a window file with this header and these bars hands out. */
export function windowOf(header: WindowHeader, bars: Bars): WindowData {
  const { symbol, range, warmupBars, fingerprint, interval = MINUTE, funding } = header;
  return { symbol, bars, range, warmupBars, fingerprint, interval, ...(funding && { funding }) };
}

function verified(path: string): Whole {
  const whole = readWhole(path);
  refuseOther(whole.header, sha256(whole.body), path);
  return whole;
}

/** Throws when `content`, the SHA-256 of columns and gap map, or the header itself is not what the header says. */
export function refuseOther(header: WindowHeader, content: string, path: string): void {
  const { provenance: _, fingerprint, ...facts } = header;
  if (content !== facts.content) throw new Error(`${path}: the columns do not match their fingerprint`);
  if (sha256(canonicalJson(facts)) !== fingerprint)
    throw new Error(`${path}: the header does not match its fingerprint`);
}

function readWhole(path: string): Whole {
  const file = openSync(path, 'r');
  try {
    const bytes = emptyOf(fstatSync(file).size);
    if (readSync(file, bytes) !== bytes.length) throw shrank(path);
    return wholeOf(bytes, path);
  } finally {
    closeSync(file);
  }
}

/** The header of a file whose header has been read, and where its columns are or will be. */
function wholeOf(bytes: Uint8Array<ArrayBuffer>, path: string): Whole {
  return { header: headerOf(bytes, bytes.length, path), body: bytes.subarray(headerEndOf(bytes)) };
}

function gapMap(time: Float64Array, interval: number): Uint32Array {
  const pairs: number[] = [];
  for (let i = 1; i < time.length; i++) {
    const missing = Math.round((time[i] - time[i - 1] - interval) / MINUTE);
    if (missing > 0) pairs.push(i, missing);
  }
  return Uint32Array.from(pairs);
}

function missingMinutes(map: Uint32Array, warmupBars: number): number {
  let minutes = 0;
  for (let k = 0; k < map.length; k += 2) if (map[k] > warmupBars) minutes += map[k + 1];
  return minutes;
}

/** The bytes of a column, not a copy. */
export function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
