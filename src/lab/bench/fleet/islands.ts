import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { print, printJson, say, table } from '../../../base/draw/terminal.ts';
import { EXIT, type ExitCode, RalphError } from '../../../base/errors.ts';
import { MODULE_ENDING } from '../../../base/module-ending.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../../base/roots.ts';
import { readJournal } from '../../../journal/journal.ts';
import { historyOf } from '../../../search/memory/history.ts';
import { amount, flag, text, whole } from '../../../verbs/table/options.ts';
import type { Values, Verb } from '../../../verbs/table/verb.ts';
import { scriptedResearcher } from '../../scripted/researcher.ts';
import { startModelServer } from '../../server/serve.ts';

interface Throughput {
  readonly islands: number;
  readonly cycles: number;
  readonly trials: number;
  /** From the first cycle's start to the last verdict. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/** What `islands-bench` takes. It uses the demo's market: run the demo first. */
export const ISLANDS_BENCH = {
  does: 'the same number of cycles with N sessions at once, against a model server of a fixed speed',
  options: {
    islands: text('numbers of sessions', 'N,N', { default: '1,2,4' }),
    cycles: whole('cycles of each run', { least: 1, default: 8 }),
    rate: amount('tokens a second that each session gets', { default: 40 }),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

export async function islandsBench({
  islands,
  cycles,
  rate,
  json,
}: Values<typeof ISLANDS_BENCH.options>): Promise<ExitCode> {
  const figures: Throughput[] = [];
  for (const count of islands.split(',').map(Number)) {
    figures.push(await measure(count, String(cycles), rate));
    say(`${count} islands: ${figures.at(-1)?.seconds.toFixed(0)} s`);
  }
  if (json) printJson(figures);
  else {
    const rows = figures.map((one) => [
      one.islands,
      one.cycles,
      one.trials,
      one.seconds.toFixed(0),
      ((3600 * one.cycles) / one.seconds).toFixed(0),
      ((3600 * one.trials) / one.seconds).toFixed(0),
      one.tokensPerSecond.toFixed(0),
    ]);
    print(
      table(
        ['islands', 'cycles', 'trials', 'seconds', 'cycles an hour', 'trials an hour', 'generated tokens a second'],
        rows,
      ),
    );
  }
  return EXIT.done;
}

async function measure(count: number, cycles: string, rate: number): Promise<Throughput> {
  const folder = mkdtempSync(join(tmpdir(), 'islands-'));
  cpSync(join(PACKAGE_ROOT, 'config', 'demo'), folder, { recursive: true });
  const path = join(folder, 'ralph.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/islands: \{ count: \d+/, `islands: { count: ${count}`));
  const tag = `islands-${count}-${Date.now().toString(36)}`;
  const server = await startModelServer({
    brain: scriptedResearcher(1),
    seed: 1,
    faults: { rate: 0 },
    tokensPerSecond: rate,
  });
  try {
    const child = await execa(
      process.execPath,
      [
        join(PACKAGE_ROOT, `ralph${MODULE_ENDING}`),
        'run',
        '--config',
        folder,
        '--tag',
        tag,
        '--cycles',
        cycles,
        '--seed',
        '1',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { RALPH_BASE_URL: server.baseUrl, RALPH_MODEL: '' }, reject: false },
    );
    if (child.exitCode !== 0) {
      throw new RalphError(`the run with ${count} islands ended with ${child.exitCode}: ${child.stderr.slice(-400)}`, {
        remedy: 'Run the demo once, so that its market is there.',
      });
    }
    return throughputOf(count, tag);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

function throughputOf(islands: number, tag: string): Throughput {
  const events = readJournal(join(PROJECT_DIR, 'runs', tag, 'journal.jsonl'));
  const { cycles, trials } = historyOf(events);
  const end = events.findLast((event) => event.type === 'verdict.given')?.at ?? cycles[0].started.at;
  const seconds = (end - cycles[0].started.at) / 1000;
  const tokens = cycles.reduce((sum, { session }) => sum + (session?.completionTokens ?? 0), 0);
  return { islands, cycles: cycles.length, trials: trials.length, seconds, tokensPerSecond: tokens / seconds };
}
