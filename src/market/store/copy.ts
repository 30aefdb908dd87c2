import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type Bars, barsOf } from '../bars.ts';
import { BarDecoder, COPY_END, COPY_HEADER, encodeBars } from './copy-format.ts';

/** Rows of one COPY: the embedded server holds one in memory before it applies it. */
const BATCH = 50_000;
/** Bytes of one CopyData message: pglite-socket copies all it has of a message with every packet that arrives. */
const PIECE = 262_144;

export interface CopyTarget {
  readonly table: 'ralph.bars' | 'ralph.staged_bars';
  /** Id in ralph.ingested_files. */
  readonly source: number;
  /** For ralph.bars only. */
  readonly symbol?: string;
}

/**
 * Sends columns into a table by binary COPY, in batches, within the caller's transaction if there is one. Columns of up to 50,000 rows may
 * be written over as soon as this has been called.
 */
export async function copyBarsIn(client: pg.ClientBase, bars: Bars, { table, source, symbol }: CopyTarget) {
  const columns = `${symbol === undefined ? '' : 'symbol, '}time, open, high, low, close, volume, source`;
  const { length } = bars;
  for (let from = 0; from < length; from += BATCH) {
    const bytes = encodeBars(bars, from, Math.min(length, from + BATCH), source, symbol);
    const stream = client.query(copyFrom(`copy ${table} (${columns}) from stdin (format binary)`));
    const sent = finished(stream);
    for (let at = 0; at < bytes.length; at += PIECE) stream.write(bytes.subarray(at, at + PIECE));
    stream.end();
    await whileConnected(client, sent);
  }
}

/**
 * Opens a COPY into ralph.bars within the caller's transaction, which the server works through while the next columns are made. Nothing else
 * may be asked of the client until its end.
 */
export function streamBarsIn(client: pg.ClientBase, source: number, symbol: string) {
  const columns = 'symbol, time, open, high, low, close, volume, source';
  const stream = client.query(copyFrom(`copy ralph.bars (${columns}) from stdin (format binary)`));
  const whole = whileConnected(client, finished(stream));
  whole.catch(() => {});
  let begun = false;
  return {
    /** Columns of up to 50,000 rows may be written over as soon as this has been called; it resolves when more is wanted. */
    write(bars: Bars): Promise<void> {
      const bytes = encodeBars(bars, 0, bars.length, source, symbol);
      // one head and one end for all of them
      const rows = bytes.subarray(begun ? COPY_HEADER : 0, bytes.length - COPY_END);
      begun = true;
      if (rows.length === 0) return Promise.resolve();
      const accepted = new Promise<void>((resolve) => {
        for (let at = 0; at < rows.length; at += PIECE) {
          const last = at + PIECE >= rows.length;
          stream.write(rows.subarray(at, at + PIECE), last ? () => resolve() : undefined);
        }
      });
      return Promise.race([accepted, whole]);
    },
    /** Resolves when the server has taken all of them. */
    end(): Promise<void> {
      const nothing = encodeBars(NO_BARS, 0, 0, source, symbol);
      stream.end(begun ? nothing.subarray(COPY_HEADER) : nothing);
      return whole;
    },
    /** Takes everything back; the transaction is to be rolled back then. */
    async abort(): Promise<void> {
      if (!stream.destroyed) stream.destroy(new Error('the rows were taken back'));
      await whole.catch(() => {});
    },
  };
}

const NO_BARS = barsOf(Array.from({ length: 6 }, () => new Float64Array()));

/** Reads what `select` answers (time, open, high, low, close, volume) into `columns` from row `start` on; answers the row after the last. */
export async function copyBarsOut(client: pg.ClientBase, select: string, columns: Float64Array[], start: number) {
  const decoder = new BarDecoder(columns, start);
  const stream = client.query(copyTo(`copy (${select} order by time) to stdout (format binary)`));
  const received = (async () => {
    for await (const piece of stream) decoder.push(piece as Buffer);
  })();
  await whileConnected(client, received);
  return decoder.rows;
}

/** A symbol's bars with from <= time < to, for COPY, which takes no parameters: the symbol is quoted, the times are our own. */
export function selectBars({ symbol, from, to }: { symbol: string; from: number; to: number }): string {
  const [start, end] = [from, to].map((time) => `'${new Date(time).toISOString()}'`);
  return `select time, open, high, low, close, volume from ralph.bars where symbol = '${symbol.replaceAll("'", "''")}'
    and time >= ${start} and time < ${end}`;
}

/** The work, or the end of its connection: the streams themselves do not notice every way in which a server goes. */
async function whileConnected(client: pg.ClientBase, work: Promise<void>): Promise<void> {
  const over = new AbortController();
  // Rejects by itself when the connection reports an error.
  const gone = once(client as unknown as NodeJS.EventEmitter, 'end', { signal: over.signal }).then(() => {
    throw new Error('Connection terminated during COPY');
  });
  try {
    await Promise.race([work, gone]);
  } finally {
    // what loses the race must not be an unhandled rejection later
    for (const loser of [work, gone]) loser.catch(() => {});
    over.abort();
  }
}
