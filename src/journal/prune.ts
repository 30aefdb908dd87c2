import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../base/files.ts';
import { readJournal } from './journal.ts';
import { unpackPart } from './sealed/part.ts';
import { stateOf } from './state/run-state.ts';

/** A file or folder that nothing needs. */
export interface Leftover {
  readonly path: string;
  readonly why: string;
}

/**
 * What `verify`, `reproduce` and the next start do not read: torn lines, unnamed objects, folders of cycles that never began, the log of
 * restarts. Null where cycles lie there that their journal has lost: then nothing is a leftover, `verify --repair` may need it. Throws
 * JournalDamaged.
 */
export function leftoversOf(runDir: string): Leftover[] | null {
  const { byCycle: begun, acceptedCycle } = stateOf(readJournal(join(runDir, 'journal.jsonl')));
  const lost = namesIn(join(runDir, 'cycles')).some(
    (name) =>
      Number(name) > acceptedCycle &&
      !begun.get(Number(name))?.committed &&
      existsSync(join(runDir, 'cycles', name, 'events.jsonl')),
  );
  if (lost) return null;
  const named = hashesIn(runDir);
  const found: Leftover[] = [];
  for (const name of namesIn(runDir)) {
    if (/^journal\.jsonl\.torn-/.test(name))
      found.push({ path: join(runDir, name), why: 'the unfinished end of a line' });
    if (name === 'restart.log') found.push({ path: join(runDir, name), why: 'what endpoint.restartCommand printed' });
  }
  for (const name of namesIn(join(runDir, 'objects'))) {
    const path = join(runDir, 'objects', name);
    // One with a second name is the system text of cycles: it takes no room of its own.
    if (!named.has(name) && lstatSync(path).nlink === 1) found.push({ path, why: 'no event names it' });
  }
  for (const name of namesIn(join(runDir, 'cycles')))
    if (/^\d+$/.test(name) && !begun.has(Number(name)))
      found.push({ path: join(runDir, 'cycles', name), why: 'its cycle never began' });
  return found;
}

/** Every SHA-256 that the text of the journal mentions, in whatever field. */
function hashesIn(runDir: string): Set<string> {
  const parts = namesIn(runDir).filter((name) => /^journal\.\d+\.jsonl\.gz$/.test(name));
  const texts = [readFileSync(join(runDir, 'journal.jsonl')), ...parts.map((name) => unpackPart(join(runDir, name)))];
  return new Set(texts.flatMap((text) => text.toString('latin1').match(/[0-9a-f]{64}/g) ?? []));
}

/** Bytes that a file or folder takes on the disk, links not followed. */
export function diskBytes(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.blocks * 512;
  return readdirSync(path).reduce((sum, name) => sum + diskBytes(join(path, name)), 0);
}
