import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { attempt } from '../../base/attempt.ts';
import { makeFolder } from '../../base/files.ts';
import type { WindowFile } from '../../market/snapshot.ts';
import { verifyWindowFile } from '../../market/window-file.ts';
import type { FrozenName } from '../job.ts';
import type { Server } from './connect.ts';

/** Bytes of a window file in one row. */
const PIECE = 4_000_000;

/** Puts a frozen window where workers find it, once a fingerprint. What an interrupted call left is completed. */
export async function publishWindow({ pool, schemas }: Server, { path, fingerprint }: WindowFile): Promise<void> {
  const bytes = readFileSync(path);
  const pieces = Math.ceil(bytes.length / PIECE);
  const asked = `select piece from ${schemas.fleet}.windows where fingerprint = $1`;
  const { rows } = await pool.query<{ piece: number }>(asked, [fingerprint]);
  const there = new Set(rows.map(({ piece }) => piece));
  for (let piece = 0; piece < pieces; piece++) {
    if (there.has(piece)) continue;
    const packed = zstdCompressSync(bytes.subarray(piece * PIECE, (piece + 1) * PIECE));
    await pool.query(`insert into ${schemas.fleet}.windows values ($1, $2, $3, $4) on conflict do nothing`, [
      ...[fingerprint, piece, pieces, packed],
    ]);
  }
}

/**
 * The frozen window as a file of this host, fetched where it is missing or damaged. Throws where what was fetched has another fingerprint
 * than the run froze.
 */
export async function fetchWindow({ pool, schemas }: Server, dir: string, name: FrozenName): Promise<WindowFile> {
  const { symbol, fingerprint } = name;
  const path = join(dir, `${symbol}-${fingerprint.slice(0, 16)}.bars`);
  if (existsSync(path) && fingerprintOf(path) === fingerprint) return { ...name, path };
  makeFolder(dir);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, '');
  try {
    for (let piece = 0, pieces = 1; piece < pieces; piece++) {
      const asked = `select pieces, bytes from ${schemas.fleet}.windows where fingerprint = $1 and piece = $2`;
      const { rows } = await pool.query<{ pieces: number; bytes: Buffer }>(asked, [fingerprint, piece]);
      if (rows.length === 0) throw new Error(`the frozen ${symbol} window is not whole in the database`);
      pieces = rows[0].pieces;
      appendFileSync(temporary, zstdDecompressSync(rows[0].bytes));
    }
    const found = fingerprintOf(temporary);
    if (found !== fingerprint)
      throw new Error(`the frozen ${symbol} window is ${found.slice(0, 12)}, expected ${fingerprint.slice(0, 12)}`);
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  return { ...name, path };
}

function fingerprintOf(path: string): string {
  return attempt(() => verifyWindowFile(path).fingerprint) ?? 'damaged';
}
