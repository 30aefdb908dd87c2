import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { type Bars, barsOf, columnsOf } from './bars.ts';
import { refuseOther, type WindowData, windowOf } from './window-file.ts';
import { emptyOf, headerEndOf, headerOf, shrank, type WindowHeader } from './window-header.ts';

/** A frozen window of which the very bytes in memory are proven to be those that the file was written with. */
export interface VerifiedWindow extends WindowData {
  /** Rows of memory behind the last bar of every column, for who lends the columns to other bars. */
  readonly room: number;
  /**
   * Reads prices and volumes again, into the memory of the bars; for a file that was kept open. What has come to its name since does not matter.
   * Throws LostWindowError when its bytes were written since.
   */
  readonly reread?: () => void;
}

export interface VerifyOptions {
  /** See VerifiedWindow. */
  readonly room?: number;
  /** Keeps the file open until the process ends, to be read again. */
  readonly keepOpen?: boolean;
}

/** Bars that could not be read again, or are no longer what was loaded: a fault of the world and no candidate's. */
export class LostWindowError extends Error {}

/** At most as much is read ahead while as much is hashed. */
const PART_BYTES = 4 << 20;

/**
 * Opens a frozen window and proves that the bytes that it returns are those that the file was written with; rejects otherwise. While one part is hashed, the next is read.
 */
export async function readVerifiedWindow(
  path: string,
  { room = 0, keepOpen = false }: VerifyOptions = {},
): Promise<VerifiedWindow> {
  const file = openSync(path, 'r');
  let kept = false;
  try {
    const { header, headerEnd } = headerIn(file, path);
    const bars = barsIn(header.bars, room);
    const columns = columnsOf(bars).map(bytesOf);
    const parts = [...columns, emptyOf(header.gaps * 8)].flatMap(partsOf);
    const content = createHash('sha256');
    let position = headerEnd;
    const reading = (part: Uint8Array) => {
      const from = position;
      position += part.length;
      return readPart(file, part, from, path);
    };
    let next = parts.length > 0 ? reading(parts[0]) : undefined;
    for (const [k, part] of parts.entries()) {
      await next;
      next = k + 1 < parts.length ? reading(parts[k + 1]) : undefined;
      content.update(part);
    }
    refuseOther(header, content.digest('hex'), path);
    kept = keepOpen;
    return {
      ...windowOf(header, bars),
      room,
      ...(keepOpen && { reread: rereading(file, path, headerEnd, columns) }),
    };
  } finally {
    if (!kept) closeSync(file);
  }
}

function headerIn(file: number, path: string): { header: WindowHeader; headerEnd: number } {
  const { size } = fstatSync(file);
  const start = (length: number) => {
    const bytes = emptyOf(Math.min(size, length));
    if (readSync(file, bytes, 0, bytes.length, 0) !== bytes.length) throw shrank(path);
    return bytes;
  };
  const headerEnd = headerEndOf(start(12));
  return { header: headerOf(start(headerEnd), size, path), headerEnd };
}

/** Columns without values in one piece of memory: of six pieces the columns would lie at the same place in a page, and get in each other's way. */
function barsIn(length: number, room: number): Bars {
  const { buffer } = emptyOf(6 * (length + room) * 8);
  return barsOf([0, 1, 2, 3, 4, 5].map((k) => new Float64Array(buffer, k * (length + room) * 8, length)));
}

/** Reads all columns but the times. */
function rereading(file: number, path: string, headerEnd: number, columns: readonly Uint8Array[]): () => void {
  const { size, mtimeMs } = fstatSync(file);
  const readAll = () => {
    let position = headerEnd + columns[0].length;
    for (const part of columns.slice(1).flatMap(partsOf)) {
      if (readSync(file, part, 0, part.length, position) !== part.length) throw shrank(path);
      position += part.length;
    }
    const now = fstatSync(file);
    if (now.size !== size || now.mtimeMs !== mtimeMs) throw new Error(`${path}: was written while it was in use`);
  };
  return () => {
    try {
      readAll();
    } catch (cause) {
      throw new LostWindowError(messageOf(cause), { cause });
    }
  };
}

function bytesOf(column: Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function partsOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / PART_BYTES);
  // Equal ones: none is waited for longer than another.
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, k) => bytes.subarray(k * size, (k + 1) * size));
}

function readPart(file: number, into: Uint8Array, position: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    read(file, into, 0, into.length, position, (error, count) => {
      if (error) reject(error);
      else if (count !== into.length) reject(shrank(path));
      else resolve();
    });
  });
}
