import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from './hash.ts';

/**
 * Writes a whole file so that a reader, or a crash, sees the old content or the new one and never a part:
 * temporary name, fsync, rename, fsync of the folder. Where that fails nothing is left behind.
 */
export function writeFileAtomic(path: string, data: string | NodeJS.ArrayBufferView): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, data, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/**
 * Replaces a file that can be made again from the journal: a reader sees the old content or the new one, but nothing waits for the disk. After
 * a power cut the file may be old or empty; the next cycle writes it again.
 */
export function replaceFile(path: string, data: string | NodeJS.ArrayBufferView): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, data);
  renameSync(temporary, path);
}

/** The text of a file; undefined where there is none. */
export function textAt(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** SHA-256 of a file as it is now; null where there is none. */
export function hashAt(path: string): string | null {
  return existsSync(path) ? sha256(readFileSync(path)) : null;
}

/** The names in a folder; none where it is not there. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Whether a crash left a last line without its end: what is appended must not become part of it. */
export function isTorn(path: string): boolean {
  if (!existsSync(path)) return false;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10;
  } finally {
    closeSync(file);
  }
}

/** Makes a folder and those above it. Node says ENOENT where a file system is read-only or forbids it: this says which. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(dirname(path))) mkdirSync(path);
    throw error;
  }
}

/** The first free name of `PATH.aside-1`, `PATH.aside-2`, … for what gives way to something else. */
export function freeName(path: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${path}.aside-${n}`)) return `${path}.aside-${n}`;
}

/** Makes durable what others wrote to a file, and its name. */
export function syncFile(path: string): void {
  syncFolder(path);
  syncFolder(dirname(path));
}

/** Makes a rename or a new name in a folder durable. */
export function syncFolder(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
