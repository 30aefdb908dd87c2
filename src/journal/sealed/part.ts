import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { attempt } from '../../base/attempt.ts';
import { failpoint } from '../../base/failpoint.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { type Head, sha256 } from '../../base/hash.ts';
import type { EventOf, RunEvent } from '../events.ts';
import { type Columns, columnsOf, eventsOf, type ReadBack } from './lazy.ts';

/** What the journal says of a sealed part: the event `journal.sealed`, which is the first line behind it. */
type Seal = Omit<EventOf<'journal.sealed'>, 'type' | 'seq' | 'at' | 'v' | 'prev'>;

/** What replay reads of a sealed part instead of its text. */
interface Index {
  readonly head: Head;
  /** Length of each line in bytes, with its newline. */
  readonly lengths: readonly number[];
  readonly types: Readonly<Record<string, Columns>>;
  readonly whole: readonly RunEvent[];
}

/** File names of a part, beside the journal. */
export function partPath(journal: string, part: number): string {
  return `${journal.replace(/\.jsonl$/, '')}.${String(part).padStart(6, '0')}.jsonl.gz`;
}

/** File name of what replay reads of a part instead of its text. */
export function indexPath(journal: string, part: number): string {
  return partPath(journal, part).replace(/\.jsonl\.gz$/, '.index.json');
}

/** Writes the evidence, byte for byte but compressed, and the index. Durable when it returns. */
export function writePart(journal: string, part: number, text: Buffer, events: readonly RunEvent[], head: Head): Seal {
  failpoint('journal.part.before');
  const packed = gzipSync(text);
  writeFileAtomic(partPath(journal, part), packed);
  failpoint('journal.part.written');
  const index = indexText(text, events, head);
  writeFileAtomic(indexPath(journal, part), index);
  failpoint('journal.part.after');
  return {
    part,
    events: events.length,
    bytes: text.length,
    sha256: sha256(text),
    indexSha256: sha256(index),
    packedSha256: sha256(packed),
  };
}

/** The text of a part, checked against its seal. Throws when it is missing or not what was sealed. */
function readPart(journal: string, seal: Seal): Buffer {
  const path = partPath(journal, seal.part);
  const text = unpackPart(path);
  if (text.length !== seal.bytes || sha256(text) !== seal.sha256)
    throw new Error(`${path} is not what was sealed: its text has another hash`);
  return text;
}

/** The text in a part, unchecked. */
export function unpackPart(path: string): Buffer {
  return gunzipSync(readFileSync(path));
}

/** The events of a part, most of their fields on demand. An index that is missing or damaged is made again from the evidence. */
export function openPart(
  journal: string,
  seal: Seal,
  parse: (text: Buffer) => RunEvent[],
): { events: RunEvent[]; head: Head } {
  const index = readIndex(journal, seal) ?? rebuiltIndex(journal, seal, parse);
  const first = index.head.seq - index.lengths.length + 1;
  const readBack = reader(journal, seal, index.lengths, first);
  return { events: eventsOf(index.types, index.whole, first, readBack), head: index.head };
}

function readIndex(journal: string, seal: Seal): Index | null {
  const bytes = attempt(() => readScratch(indexPath(journal, seal.part)));
  return bytes && sha256(bytes) === seal.indexSha256 ? (JSON.parse(bytes.toString('utf8')) as Index) : null;
}

let scratch = Buffer.alloc(0);

/** Reads a file into memory that the next call uses again: hundreds of parts would else pile up until a collection. */
function readScratch(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (scratch.length < size) scratch = Buffer.alloc(size + (size >> 1));
    return scratch.subarray(0, readSync(file, scratch, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

function rebuiltIndex(journal: string, seal: Seal, parse: (text: Buffer) => RunEvent[]): Index {
  const text = readPart(journal, seal);
  const events = parse(text);
  const last = text.lastIndexOf(10, text.length - 2) + 1;
  const head = { seq: events[events.length - 1].seq, hash: sha256(text.subarray(last, text.length - 1)) };
  const index = indexText(text, events, head);
  writeFileAtomic(indexPath(journal, seal.part), index);
  return JSON.parse(index) as Index;
}

function indexText(text: Buffer, events: readonly RunEvent[], head: Head): string {
  const lengths: number[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(10, at) + 1;
    lengths.push(end - at);
    at = end;
  }
  return JSON.stringify({ head, lengths, ...columnsOf(events) } satisfies Index);
}

/** Texts of parts that somebody looked into last. A scan goes through the parts in order, so a few are enough. */
const opened = new Map<string, Buffer>();
const MOST_OPENED = 2;

function reader(journal: string, seal: Seal, lengths: readonly number[], first: number): ReadBack {
  let starts: Float64Array | null = null;
  const key = `${partPath(journal, seal.part)} ${seal.sha256}`;
  let last: RunEvent | null = null;
  return (seq) => {
    if (last?.seq === seq) return last;
    let text = opened.get(key);
    if (!text) {
      text = readPart(journal, seal);
      if (opened.size >= MOST_OPENED) opened.delete(opened.keys().next().value ?? '');
      opened.set(key, text);
    }
    starts ??= startsOf(lengths);
    const start = starts[seq - first];
    last = JSON.parse(text.toString('utf8', start, start + lengths[seq - first])) as RunEvent;
    return last;
  };
}

function startsOf(lengths: readonly number[]): Float64Array {
  const starts = new Float64Array(lengths.length);
  for (let i = 1; i < lengths.length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
  return starts;
}
