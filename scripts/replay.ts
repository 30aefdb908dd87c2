import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../src/base/errors.ts';
import { print, printJson, say } from '../src/base/terminal.ts';
import { readJournal } from '../src/journal/journal.ts';
import { openObjects } from '../src/journal/objects.ts';
import { nudgesOf } from '../src/search/brief.ts';
import { historyOf } from '../src/search/history.ts';
import { replayDecisions } from '../src/search/replay.ts';
import { journalOf } from '../src/search/runs.ts';
import { libraryFamilies } from '../src/task/trading/tools/library.ts';

const PROJECT = join(import.meta.dirname, '..');

interface StartedWith {
  readonly values: {
    readonly sampling: {
      readonly new: { readonly temperature: number };
      readonly refine: { readonly temperature: number };
    };
    readonly islands: { readonly count: number; readonly migrateEvery: number };
  };
}

/** `node scripts/replay.ts [--tag T] [--json]`: decides every cycle of a run again from its journal and compares. Exit 1 on a difference. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: join(PROJECT, 'runs') },
      tag: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const path = journalOf(values.runs, values.tag);
  const events = readJournal(path);
  const first = events.find((event) => event.type === 'run.started');
  if (first === undefined)
    throw new RalphError(`${path} has no first event`, { remedy: 'Check it with: npm run ralph -- verify' });
  const { sampling, islands } = (first.config as StartedWith).values;
  const objects = openObjects(dirname(path));
  const mismatches = replayDecisions(events, {
    families: libraryFamilies(PROJECT),
    programOf: (sha256) => objects.get(sha256).toString('utf8'),
    temperature: { new: sampling.new.temperature, refine: sampling.refine.temperature },
    nudges: nudgesOf(readFileSync(join(PROJECT, 'prompts', 'cycle.md'), 'utf8')).length,
    islands,
  });
  const cycles = historyOf(events).cycles.length;
  if (values.json) printJson({ cycles, mismatches });
  else
    for (const one of mismatches) print(`cycle ${one.cycle} ${one.what}: journal ${one.journal}, replay ${one.replay}`);
  say(`${cycles} cycles decided again, ${mismatches.length} differences`);
  return mismatches.length === 0 ? EXIT.done : EXIT.failed;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
