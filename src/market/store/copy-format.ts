import type { Bars } from '../bars.ts';

/** PostgreSQL's binary COPY format, for rows of bars: signature, flags, no extension; each field with its length. */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Bytes before the first row. */
export const COPY_HEADER = SIGNATURE.length + 8;
/** Bytes behind the last. */
export const COPY_END = 2;

/** Milliseconds from 1970 to PostgreSQL's epoch, 2000-01-01. */
const EPOCH = 946_684_800_000;
const TWO_32 = 4_294_967_296;

/**
 * Rows (symbol?, time, open, high, low, close, volume, source) from `from` to `to` of some columns.
 * Without a symbol the field is left out, as the staging table has none.
 */
export function encodeBars(bars: Bars, from: number, to: number, source: number, symbol?: string): Buffer {
  const row = templateOf(source, symbol);
  const bytes = Buffer.allocUnsafe(COPY_HEADER + (to - from) * row.length + 2);
  SIGNATURE.copy(bytes);
  bytes.fill(0, SIGNATURE.length, COPY_HEADER);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { time, open, high, low, close, volume } = bars;
  const first = row.length - 6 * FIELD - 8 + 4;
  for (let i = from, at = COPY_HEADER; i < to; i++, at += row.length) {
    bytes.set(row, at);
    const values = at + first;
    const micros = (time[i] - EPOCH) * 1000;
    const high32 = Math.floor(micros / TWO_32);
    view.setInt32(values, high32);
    view.setUint32(values + 4, micros - high32 * TWO_32);
    view.setFloat64(values + FIELD, open[i]);
    view.setFloat64(values + 2 * FIELD, high[i]);
    view.setFloat64(values + 3 * FIELD, low[i]);
    view.setFloat64(values + 4 * FIELD, close[i]);
    view.setFloat64(values + 5 * FIELD, volume[i]);
  }
  bytes.writeInt16BE(-1, bytes.length - 2);
  return bytes;
}

/** A field of eight bytes with its length. */
const FIELD = 12;

/** A row with everything that is the same in all of them; time and values are still nothing. */
function templateOf(source: number, symbol: string | undefined): Buffer {
  const name = symbol === undefined ? Buffer.alloc(0) : Buffer.from(symbol);
  const row = Buffer.alloc(2 + (symbol === undefined ? 0 : 4 + name.length) + 6 * FIELD + 8);
  let at = row.writeInt16BE(symbol === undefined ? 7 : 8);
  if (symbol !== undefined) {
    at = row.writeInt32BE(name.length, at);
    at += name.copy(row, at);
  }
  for (let k = 0; k < 6; k++) at = row.writeInt32BE(8, at) + 8;
  row.writeInt32BE(source, row.writeInt32BE(4, at));
  return row;
}

const ROW = 2 + 6 * 12;

/**
 * Reads rows (time, open, high, low, close, volume) that arrive in pieces of any size into columns of known length.
 * Throws when the server sends more rows than the columns hold, or anything else than six fields of eight bytes.
 */
export class BarDecoder {
  readonly #columns: Float64Array[];
  #rest: Buffer = Buffer.alloc(0);
  #headed = false;
  /** Index after the last row read. */
  rows: number;

  /** `columns` are time, open, high, low, close, volume; rows are written from index `start` on. */
  constructor(columns: Float64Array[], start = 0) {
    this.#columns = columns;
    this.rows = start;
  }

  push(piece: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    if (!this.#headed) {
      if (bytes.length < COPY_HEADER) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(COPY_HEADER);
      this.#headed = true;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    // the two-byte trailer (-1 fields) is shorter than a row and simply stays behind
    for (; at + ROW <= bytes.length; at += ROW) this.#row(view, at);
    this.#rest = bytes.subarray(at);
  }

  #row(view: DataView, at: number): void {
    if (view.getInt16(at) !== 6 || view.getInt32(at + 2) !== 8) throw new Error('COPY sent something else than bars');
    const columns = this.#columns;
    const row = this.rows++;
    if (row >= columns[0].length) throw new Error('COPY sent more bars than were counted: the data changed meanwhile');
    columns[0][row] = (view.getInt32(at + 6) * TWO_32 + view.getUint32(at + 10)) / 1000 + EPOCH;
    columns[1][row] = view.getFloat64(at + 18);
    columns[2][row] = view.getFloat64(at + 30);
    columns[3][row] = view.getFloat64(at + 42);
    columns[4][row] = view.getFloat64(at + 54);
    columns[5][row] = view.getFloat64(at + 66);
  }
}
