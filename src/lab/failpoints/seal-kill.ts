import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { readJournal } from '../../journal/journal.ts';
import { chainProblems } from '../../journal/verify/chain.ts';

const CYCLES = 12;
const POWER_CUT = join(import.meta.dirname, 'power-cut.mjs');

/** Writes a journal of that many cycles, or goes on with it, and seals it every few cycles. */
const WRITER = `
  const { openJournal } = await import(${JSON.stringify(join(import.meta.dirname, '../../journal/journal.ts'))});
  const { cycleEvents, startOfRun } = await import(${JSON.stringify(join(import.meta.dirname, '../story.ts'))});
  const journal = openJournal(process.argv[1], { sealBytes: 25_000 });
  if (journal.events.length === 0) journal.append(startOfRun);
  const done = journal.events.filter(({ type }) => type === 'cycle.mirrored').length;
  for (let cycle = done + 1; cycle <= ${CYCLES}; cycle++) {
    const has = journal.events.filter((event) => event.cycle === cycle).length;
    for (const event of cycleEvents(cycle).slice(has)) journal.append(event);
  }
  journal.close();
`;

/** Points that a journal passes while its older lines move into a part. */
export const SEALING_POINTS: readonly string[] = [
  'journal.part.before',
  'journal.part.written',
  'journal.part.after',
  'journal.seal.before',
  'journal.seal.after',
];

/** Ends a writer at a point of its first sealing, lets another go on, and says how it ended and what is wrong then. */
export async function killSealing(
  point: string,
  { signal = 'SIGKILL', powerCut = false } = {},
): Promise<{ ended: string; problems: string[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-seal-'));
  const path = join(dir, 'runs', 't', 'journal.jsonl');
  mkdirSync(join(path, '..'), { recursive: true });
  const write = (nodeArgs: string[], env: Record<string, string>) =>
    execa(process.execPath, [...nodeArgs, '--input-type=module', '-e', WRITER, path], {
      reject: false,
      extendEnv: false,
      env,
    });
  try {
    const killed = await write(powerCut ? ['--import', POWER_CUT] : [], { RALPH_FAILPOINT: `${point}=${signal}` });
    const known = readJournal(path).map(({ prev }) => prev);
    const again = await write([], {});
    const events = readJournal(path);
    const finished = events.flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
    const problems = chainProblems(path).problems.map((each) => JSON.stringify(each));
    if (killed.signal !== signal) problems.push(`${point} was not reached: ${killed.stderr}`);
    if (again.exitCode !== 0) problems.push(`it did not go on: ${again.stderr}`);
    if (known.some((prev, i) => events[i].prev !== prev)) problems.push('an event was lost or overwritten');
    if (finished.length !== CYCLES || new Set(finished).size !== CYCLES)
      problems.push(`${finished.length} trials instead of ${CYCLES}`);
    return { ended: String(killed.signal ?? `exit ${killed.exitCode}`), problems };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
