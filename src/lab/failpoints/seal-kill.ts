import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { readJournal } from '../../journal/journal.ts';
import { chainProblems } from '../../journal/verify/chain.ts';
import { SEALED_CYCLES, writeCycles } from './seal-writer.ts';

const POWER_CUT = join(import.meta.dirname, 'power-cut.mjs');

const WRITER = join(import.meta.dirname, `seal-writer${MODULE_ENDING}`);

/** Points that a journal passes while its older lines move into a part. */
export const SEALING_POINTS: readonly string[] = [
  'journal.part.before',
  'journal.part.written',
  'journal.part.after',
  'journal.seal.before',
  'journal.seal.after',
];

/** Ends a writer at a point of its first sealing, goes on with its journal, and says how it ended and what is wrong then. Throws when it cannot go on. */
export async function killSealing(
  point: string,
  { signal = 'SIGKILL', powerCut = false } = {},
): Promise<{ ended: string; problems: string[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-seal-'));
  const path = join(dir, 'runs', 't', 'journal.jsonl');
  mkdirSync(join(path, '..'), { recursive: true });
  try {
    const nodeArgs = [...(powerCut ? ['--import', POWER_CUT] : []), WRITER, path];
    // Ten writers load the same modules.
    const { NODE_COMPILE_CACHE } = process.env;
    const env = { NODE_COMPILE_CACHE, RALPH_FAILPOINT: `${point}=${signal}` };
    const killed = await execa(process.execPath, nodeArgs, { reject: false, extendEnv: false, env });
    const known = readJournal(path).map(({ prev }) => prev);
    writeCycles(path);
    const events = readJournal(path);
    const finished = events.flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
    const problems = chainProblems(path).problems.map((each) => JSON.stringify(each));
    if (killed.signal !== signal) problems.push(`${point} was not reached: ${killed.stderr}`);
    if (known.some((prev, i) => events[i].prev !== prev)) problems.push('an event was lost or overwritten');
    if (finished.length !== SEALED_CYCLES || new Set(finished).size !== SEALED_CYCLES)
      problems.push(`${finished.length} trials instead of ${SEALED_CYCLES}`);
    return { ended: String(killed.signal ?? `exit ${killed.exitCode}`), problems };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
