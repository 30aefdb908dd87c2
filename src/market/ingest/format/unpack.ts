import { on } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { crc32, createGunzip, createZstdDecompress } from 'node:zlib';
import bz2 from 'unbzip2-stream';
import xz from 'xz-decompress';
import { type Entry, openPromise } from 'yauzl';
import { messageOf, RalphError } from '../../../base/errors.ts';

export interface Bytes {
  /** Pieces of any size, in order. Ends with an error when the packing is damaged or cut short. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Bytes of the file on disk that were read so far. */
  bytesRead(): number;
}

/** What a file holds once unpacked: gzip, zstd, bzip2, xz or zip, told from its first bytes; any other as it is. */
export function unpacked(path: string, head: Buffer): Bytes {
  if (head.readUInt32LE(0) === 0x04034b50) return zipped(path);
  const raw = createReadStream(path, { highWaterMark: 1 << 18 });
  return { pieces: guarded(streamOf(raw, head), path, raw), bytesRead: () => raw.bytesRead };
}

function streamOf(raw: Readable, head: Buffer): AsyncIterable<Uint8Array> {
  const through = (stream: NodeJS.ReadWriteStream) => pipeline(raw, stream, () => {}) as unknown as Readable;
  if (head[0] === 0x1f && head[1] === 0x8b) return through(createGunzip());
  if (head.readUInt32LE(0) === 0xfd2fb528) return through(createZstdDecompress());
  if (head.subarray(0, 3).toString('latin1') === 'BZh') {
    const old = raw.pipe(bz2());
    raw.on('error', (error) => old.emit('error', error));
    return dataOf(old);
  }
  if (head.subarray(0, 6).equals(XZ))
    return new xz.XzReadableStream(Readable.toWeb(raw) as ReadableStream<Uint8Array>) as AsyncIterable<Uint8Array>;
  return raw;
}

/** The pieces of a stream of the first kind, whose end a Readable takes for a breakdown. */
async function* dataOf(old: NodeJS.ReadWriteStream): AsyncIterable<Uint8Array> {
  for await (const [piece] of on(old, 'data', { close: ['end'], highWaterMark: 8, lowWaterMark: 2 }))
    yield piece as Buffer;
}

const XZ = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/** The pieces of a file; what goes wrong on the way is the refusal of a file whose packing cannot be read. */
export async function* guarded<T>(pieces: AsyncIterable<T>, path: string, raw?: Readable): AsyncIterable<T> {
  try {
    yield* pieces;
  } catch (cause) {
    throw new RalphError(`${path} cannot be unpacked: ${messageOf(cause).slice(0, 200)}`, {
      remedy: 'Fetch the file again; nothing of it was taken in.',
      cause,
    });
  } finally {
    raw?.destroy();
  }
}

function zipped(path: string): Bytes {
  const size = statSync(path).size;
  let done = 0;
  const pieces = unzip(path, (share) => (done = share * size));
  return { pieces: guarded(pieces, path), bytesRead: () => Math.round(done) };
}

/** The one entry with rows of a zip archive, its CRC-32 compared with the central directory's. */
async function* unzip(path: string, onShare: (share: number) => void): AsyncIterable<Uint8Array> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    const entry = theEntry(await Array.fromAsync(zip.eachEntry()));
    let sum = 0;
    let read = 0;
    for await (const piece of await zip.openReadStreamPromise(entry)) {
      sum = crc32(piece as Buffer, sum);
      read += (piece as Buffer).length;
      onShare(read / Math.max(1, entry.uncompressedSize));
      yield piece as Buffer;
    }
    if (sum !== entry.crc32) throw new Error(`CRC-32 of ${entry.fileName} does not match`);
  } finally {
    zip.close();
  }
}

/** The entry that holds the bars: a readme, a licence or a folder of macOS beside it does not count. */
function theEntry(entries: readonly Entry[]): Entry {
  const data = entries.filter(
    ({ fileName }) => /\.(csv|txt|tsv|json|ndjson|jsonl)$/i.test(fileName) && !BESIDE.test(fileName),
  );
  const tables = data.filter(({ fileName }) => !/\.txt$/i.test(fileName));
  const chosen = tables.length > 0 ? tables : data;
  if (chosen.length === 1) return chosen[0];
  const names = chosen.slice(0, 5).map(({ fileName }) => fileName);
  throw new Error(
    `expected one csv file inside, found ${chosen.length}${names.length > 0 ? `: ${names.join(', ')}` : ''}`,
  );
}

const BESIDE = /(^|\/)(__MACOSX\/|\.|readme|licen[cs]e|notice|changelog)/i;
