import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import { fromFd, type ZipFile } from 'yauzl';
import { messageOf, RalphError } from '../../base/errors.ts';

/** A file of rows as text, whatever it is packed in. */
export interface TextSource {
  /** Pieces of text of any size, in order. Ends with an error when the packing is damaged or cut short. */
  readonly pieces: AsyncIterable<string>;
  /** Bytes of the file on disk that were read so far. */
  bytesRead(): number;
}

/** SHA-256 and size of a file as it is now, read in a stream. */
export async function fingerprintFile(path: string): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).length;
  }
  return { sha256: hash.digest('hex'), size };
}

/** Opens a plain, gzip or zip file by its first bytes, not by its name. */
export async function openSource(path: string): Promise<TextSource> {
  const head = Buffer.alloc(4);
  const file = await open(path, 'r');
  await file.read(head, 0, 4, 0);
  await file.close();
  if (head.readUInt32LE(0) === 0x04034b50) return zipSource(path);
  const raw = createReadStream(path, { highWaterMark: 1 << 18 });
  const bytesRead = () => raw.bytesRead;
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const unpacked = raw.pipe(createGunzip());
    raw.on('error', (error) => unpacked.destroy(error));
    return { pieces: decode(unpacked, path), bytesRead };
  }
  return { pieces: decode(raw, path), bytesRead };
}

async function* decode(stream: Readable, path: string): AsyncIterable<string> {
  try {
    // latin1: the formats are ASCII; any other byte stays one character and fails the row's checks
    for await (const piece of stream) yield (piece as Buffer).toString('latin1');
  } catch (error) {
    throw damaged(path, error);
  } finally {
    stream.destroy();
  }
}

async function zipSource(path: string): Promise<TextSource> {
  const size = statSync(path).size;
  let done = 0;
  return { pieces: unzip(path, (share) => (done = share * size)), bytesRead: () => Math.round(done) };
}

/** The one entry with rows of a zip archive, its CRC-32 compared with the central directory's. */
async function* unzip(path: string, onShare: (share: number) => void): AsyncIterable<string> {
  const file = await open(path, 'r');
  try {
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      fromFd(file.fd, { autoClose: false, lazyEntries: true }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      );
    });
    const entries = await entriesOf(zip);
    if (entries.length !== 1) throw new Error(`expected one csv file inside, found ${entries.length}`);
    const [entry] = entries;
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    let sum = 0;
    let read = 0;
    for await (const piece of stream) {
      sum = crc32(piece as Buffer, sum);
      read += (piece as Buffer).length;
      onShare(read / Math.max(1, entry.uncompressedSize));
      yield (piece as Buffer).toString('latin1');
    }
    if (sum !== entry.crc32) throw new Error(`CRC-32 of ${entry.fileName} does not match`);
  } catch (error) {
    throw damaged(path, error);
  } finally {
    await file.close();
  }
}

function damaged(path: string, cause: unknown): RalphError {
  return new RalphError(`${path} cannot be unpacked: ${messageOf(cause)}`, {
    remedy: 'Fetch the file again; nothing of it was taken in.',
    cause,
  });
}

type Entry = Parameters<ZipFile['openReadStream']>[0];

function entriesOf(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      if (/\.(csv|txt|tsv)$/i.test(entry.fileName)) entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', reject);
    zip.readEntry();
  });
}

/** Longest line that is still a row; a file without line ends must not fill the memory. */
const LONGEST = 65_536;

/** Cuts pieces of text into lists of whole lines, without their ends. The last line needs no end. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncIterable<string[]> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST) {
      lines.push(rest);
      rest = '';
    }
    if (lines.length > 0) yield lines.map(trimEnd);
  }
  if (rest.length > 0) yield [trimEnd(rest)];
}

function trimEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
