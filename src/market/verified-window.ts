import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { columnsOf, emptyBars } from './bars.ts';
import { bytesOf, refuseOther, type WindowData, windowOf } from './window-file.ts';
import { emptyOf, headerEndOf, headerOf, shrank, type WindowHeader } from './window-header.ts';

/** A frozen window of which the very bytes in memory are proven to be those that the file was written with. */
export interface VerifiedWindow extends WindowData {
  /** Rows of memory behind the last bar of every column that belong to nobody. */
  readonly room: number;
  /** Reads the bars again, into their memory. Throws LostWindowError where that is no longer possible, or another file than was read. */
  readonly reread: () => void;
}

/** Bars that could not be read again, or are no longer what was loaded: a fault of the world and no candidate's. */
export class LostWindowError extends Error {}

/** At most as much is read ahead while as much is hashed. */
const PART_BYTES = 4 << 20;

/**
 * Opens a frozen window and proves that the bytes that it returns are those that the file was written with; rejects otherwise. While one part is hashed,
 * the next is read. `room`: see VerifiedWindow.
 */
export async function readVerifiedWindow(path: string, room = 0): Promise<VerifiedWindow> {
  const file = openSync(path, 'r');
  try {
    const read = stampOf(file);
    const { header, headerEnd } = headerIn(file, Number(read.size), path);
    const bars = emptyBars(header.bars, room);
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
    return { ...windowOf(header, bars), room, reread: () => reread(path, read, headerEnd, columns) };
  } finally {
    closeSync(file);
  }
}

/** What tells a file from another, and from itself once it was written: taken before its first byte is read. */
type Stamp = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>;

function stampOf(file: number): Stamp {
  const { dev, ino, size, mtimeNs } = fstatSync(file, { bigint: true });
  return { dev, ino, size, mtimeNs };
}

function isSame(one: Stamp, other: Stamp): boolean {
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((each) => one[each] === other[each]);
}

function headerIn(file: number, size: number, path: string): { header: WindowHeader; headerEnd: number } {
  const start = (length: number) => {
    const bytes = emptyOf(Math.min(size, length));
    if (readSync(file, bytes, 0, bytes.length, 0) !== bytes.length) throw shrank(path);
    return bytes;
  };
  const headerEnd = headerEndOf(start(12));
  return { header: headerOf(start(headerEnd), size, path), headerEnd };
}

function reread(path: string, read: Stamp, headerEnd: number, columns: readonly Uint8Array[]): void {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    let position = headerEnd;
    for (const part of columns.flatMap(partsOf)) {
      if (readSync(file, part, 0, part.length, position) !== part.length) throw shrank(path);
      position += part.length;
    }
    if (!isSame(stampOf(file), read)) throw new Error(`${path}: is no longer the file that was loaded`);
  } catch (cause) {
    throw new LostWindowError(messageOf(cause), { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
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
