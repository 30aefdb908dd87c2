import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { columnarRows } from './format/columnar.ts';
import { jsonRows } from './format/json.ts';
import type { RawRow, RowSource } from './format/row.ts';
import { unpacked } from './format/unpack.ts';

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

/** Opens a file by its first bytes, not by its name: Parquet, Arrow, or text and JSON, plain or packed. */
export async function openSource(path: string): Promise<RowSource> {
  const head = Buffer.alloc(8);
  await using file = await open(path, 'r');
  await file.read(head, 0, 8, 0);
  const columnar = columnarRows(path, head);
  if (columnar) return columnar;
  const { pieces, bytesRead } = unpacked(path, head);
  return { rows: rowsOfText(decoded(pieces), path), bytesRead };
}

/** JSON by its first character, lines otherwise. */
async function* rowsOfText(texts: AsyncIterable<string>, path: string): AsyncIterable<RawRow[]> {
  const pieces = texts[Symbol.asyncIterator]();
  let head = '';
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    head += next.value;
    if (head.trim() !== '') break;
  }
  const all = (async function* () {
    if (head !== '') yield head;
    yield* { [Symbol.asyncIterator]: () => pieces };
  })();
  if (/^\s*[[{]/.test(head)) yield* jsonRows(linesOf(all, Number.POSITIVE_INFINITY), path);
  else yield* linesOf(all, LONGEST);
}

/** Bytes as text. Latin-1 unless a mark says otherwise: bars are ASCII, any other byte fails the row's checks. */
async function* decoded(pieces: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let decoder: TextDecoder | undefined;
  let first = true;
  for await (const piece of pieces) {
    let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (first && bytes.length > 1) {
      first = false;
      // MetaTrader writes UTF-16
      if (bytes[0] === 0xff && bytes[1] === 0xfe) decoder = new TextDecoder('utf-16le');
      if (bytes.subarray(0, 3).equals(UTF8_MARK)) bytes = bytes.subarray(3);
    }
    yield decoder ? decoder.decode(bytes, { stream: true }) : bytes.toString('latin1');
  }
}

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Longest line that is still a row; a file without line ends must not fill the memory. */
const LONGEST = 65_536;

/** Cuts pieces of text into lists of whole lines, without their ends. The last line needs no end. */
async function* linesOf(pieces: AsyncIterable<string>, longest: number): AsyncIterable<string[]> {
  let rest: string[] = [];
  let waiting = 0;
  for await (const piece of pieces) {
    const lines = piece.split('\n');
    if (lines.length > 1) {
      lines[0] = rest.join('') + lines[0];
      rest = [];
      waiting = 0;
    }
    const last = lines.pop()!;
    rest.push(last);
    waiting += last.length;
    if (waiting > longest) {
      lines.push(rest.join(''));
      rest = [];
      waiting = 0;
    }
    if (lines.length > 0) yield lines.map(trimEnd);
  }
  if (waiting > 0) yield [trimEnd(rest.join(''))];
}

function trimEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
