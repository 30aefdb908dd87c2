import { existsSync, readFileSync } from 'node:fs';
import { messageOf, RalphError } from '../base/errors.ts';
import { GENESIS, type Head } from '../base/hash.ts';
import { jsonIn } from '../base/json.ts';
import type { EventOf, RunEvent } from './events.ts';
import { JournalDamaged, type Scan, scanLines } from './lines.ts';
import { openPart, partPath } from './sealed/part.ts';

/** A journal as replay finds it: the sealed parts in front, the live file behind. */
export interface Replay {
  readonly events: RunEvent[];
  /** How many of the events lie in sealed parts. */
  readonly sealed: number;
  readonly live: Scan;
}

/**
 * Replays a journal, changing nothing. The live file is checked line by line, a sealed part by its index (`verify` reads its text). Throws
 * JournalDamaged.
 */
export function replay(path: string): Replay {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const seal = sealIn(bytes);
  if (bytes.length === 0 && existsSync(partPath(path, 1)))
    throw new JournalDamaged({
      file: path,
      line: 1,
      seq: 1,
      problem: 'is empty, but sealed parts of it lie beside it',
    });
  const live = scanLines(bytes, path, before(seal));
  if (live.damage) throw new JournalDamaged(live.damage);
  const sealed = sealedParts(path, seal).flat();
  return { events: [...sealed, ...live.events], sealed: sealed.length, live };
}

/** The seal on the first line of a journal or of a part, or null. */
function sealIn(bytes: Buffer): EventOf<'journal.sealed'> | null {
  const end = bytes.indexOf(10);
  const event = end < 0 ? null : (jsonIn(bytes.toString('utf8', 0, end)) as RunEvent | null | undefined);
  return event?.type === 'journal.sealed' ? event : null;
}

/** The head behind which a file begins, by the seal on its first line. */
function before(seal: EventOf<'journal.sealed'> | null): Head {
  return seal ? { seq: seal.seq - 1, hash: seal.prev } : GENESIS;
}

/** The parts in order, found from the last one back: each begins with the seal of the one before. */
function sealedParts(path: string, last: EventOf<'journal.sealed'> | null): RunEvent[][] {
  const parts: RunEvent[][] = [];
  for (let seal = last; seal; ) {
    const { events, head } = openOrBlame(path, seal);
    if (head.hash !== seal.prev || head.seq !== seal.seq - 1) {
      const problem = `does not end where the journal goes on: expected event ${seal.seq - 1} there, got ${head.seq}`;
      throw new JournalDamaged({ file: partPath(path, seal.part), line: events.length, seq: head.seq, problem });
    }
    parts.unshift(events);
    const first: RunEvent | undefined = events[0];
    seal = first?.type === 'journal.sealed' ? first : null;
  }
  return parts;
}

function openOrBlame(path: string, seal: EventOf<'journal.sealed'>): { events: RunEvent[]; head: Head } {
  try {
    return openPart(path, seal, (text) => scanLines(text, partPath(path, seal.part), before(sealIn(text))).events);
  } catch (error) {
    if (error instanceof RalphError) throw error;
    const problem = `events up to ${seal.seq - 1} cannot be read: ${messageOf(error)}`;
    throw new JournalDamaged({ file: partPath(path, seal.part), line: 1, seq: seal.seq - seal.events, problem });
  }
}
