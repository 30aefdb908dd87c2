import { copyFileSync, existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../base/attempt.ts';
import { freeName, namesIn, writeFileAtomic } from '../../base/files.ts';
import { GENESIS, type Head, sha256 } from '../../base/hash.ts';
import { jsonIn } from '../../base/json.ts';
import { readLine, scanLines } from '../lines.ts';
import { indexPath, partPath, unpackPart, writePart } from '../sealed/part.ts';
import { hashOf, readable } from './read.ts';

/** Lines of a journal that follow from each other, from the first one on, and the head they end with. */
export interface Proof {
  readonly lines: readonly string[];
  readonly head: Head;
  /** The highest number that any line has, also one that nothing leads to. */
  readonly seen: number;
}

/**
 * The longest journal that copies, parts and live file give. Lines that lead from event 1 to one of `heads` (the branch's, newest first) are
 * proven; what follows them in the chain is added, the live file's own lines first.
 */
export function provenJournal(runDir: string, heads: readonly Head[]): Proof {
  const byHash = new Map<string, string>();
  const after = new Map<string, string[]>();
  let seen = 0;
  for (const raw of linesOf(runDir)) {
    // What a power cut or an editor puts in front of a line is not part of it.
    const text = raw.replace(/^[\0\uFEFF]+/, '');
    const prev = prevOf(text);
    if (prev === null) continue;
    byHash.set(sha256(text), text);
    seen = Math.max(seen, Number(/^{"seq":(\d+),/.exec(text)?.[1] ?? 0));
    after.getOrInsert(prev, []).push(text);
  }
  const lines = reached(byHash, heads);
  let hash = lines.length > 0 ? sha256(lines[lines.length - 1]) : GENESIS.hash;
  for (;;) {
    const before = { seq: lines.length, hash };
    const next = (after.get(hash) ?? []).filter((each) => typeof readLine(Buffer.from(each), before) !== 'string');
    if (next.length === 0) break;
    // Of an altered line and its copy only the true one has a line behind it.
    const line = next.find((each) => after.has(sha256(each))) ?? next[0];
    lines.push(line);
    hash = sha256(line);
  }
  return { lines, head: { seq: lines.length, hash }, seen };
}

/** The lines from event 1 to the newest of the heads that they lead to. */
function reached(byHash: ReadonlyMap<string, string>, heads: readonly Head[]): string[] {
  let broken = Number.POSITIVE_INFINITY;
  for (const { seq, hash } of heads) {
    // An older head that lies behind the gap of a newer one meets the same gap.
    if (seq >= broken) continue;
    const lines = new Array<string>(seq);
    let at = seq;
    let wanted = hash;
    for (; at > 0; at--) {
      const text = byHash.get(wanted);
      if (text === undefined) break;
      lines[at - 1] = text;
      wanted = prevOf(text) ?? '';
    }
    if (at === 0 && wanted === GENESIS.hash) return lines;
    broken = at;
  }
  return [];
}

/** Every line that may be one of the journal's, the live file's first. */
function* linesOf(runDir: string): Generator<string> {
  const cycles = join(runDir, 'cycles');
  const copies = namesIn(cycles).map((name) => join(cycles, name, 'events.jsonl'));
  yield* (readable(join(runDir, 'journal.jsonl')) ?? '').split(LINE_END);
  // Not counted from 1: behind a part that is gone the others still hold their lines.
  for (const name of readdirSync(runDir).sort())
    if (/^journal\.\d+\.jsonl\.gz$/.test(name)) yield* partText(join(runDir, name)).split(LINE_END);
  for (const path of copies) yield* (readable(path) ?? '').split(LINE_END);
}

const LINE_END = /\r?\n/;

function partText(part: string): string {
  return attempt(() => unpackPart(part).toString('utf8')) ?? '';
}

function prevOf(text: string): string | null {
  return /"prev":"([0-9a-f]{64})"}$/.exec(text)?.[1] ?? null;
}

/** Puts proven lines in the place of the journal and its parts; what lay there is kept aside. Answers the files that were written. */
export function writeJournal(runDir: string, lines: readonly string[]): string[] {
  const journal = join(runDir, 'journal.jsonl');
  const written: string[] = [];
  let from = 0;
  let before = GENESIS;
  for (const [place, line] of lines.entries()) {
    if (place === 0 || !line.includes('"type":"journal.sealed"')) continue;
    const seal = jsonIn(line) as { type: string; part: number } | undefined;
    if (seal?.type !== 'journal.sealed') continue;
    const text = Buffer.from(joined(lines.slice(from, place)));
    const path = partPath(journal, seal.part);
    const { events, head } = scanLines(text, path, before);
    if (partText(path) !== text.toString('utf8')) {
      keepAside(path);
      writePart(journal, seal.part, text, events, head);
      written.push(path);
    }
    // Replay makes it again, where nothing is in its place.
    if (hashOf(indexPath(journal, seal.part)) === null) keepAside(indexPath(journal, seal.part));
    [from, before] = [place, head];
  }
  const live = joined(lines.slice(from));
  if (readable(journal) === live) return written;
  keepAside(journal);
  writeFileAtomic(journal, live);
  return [...written, journal];
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** A copy beside the file that is about to be replaced; nothing of a run is deleted. */
export function keepAside(path: string): void {
  if (!existsSync(path)) return;
  // A folder in the place of a file gives way.
  if (statSync(path).isDirectory()) renameSync(path, freeName(path));
  else copyFileSync(path, freeName(path));
}
