import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunEvent } from '../../../journal/events.ts';
import { readJournal } from '../../../journal/journal.ts';
import { DAY } from '../../../market/bars.ts';
import { makeLightProject, measurer } from '../../failpoints/project.ts';
import { MARKET_START, makeProject, type Project } from '../../project.ts';
import { scriptedResearcher } from '../../scripted/researcher.ts';
import type { Brain } from '../../server/brain.ts';

/** What a soak searches: a copy of this project with a task of its own. */
export interface Subject {
  readonly dir: string;
  /** Its config folder, within `dir`. */
  readonly config: string;
  /** The folder of its embedded database; null where it has none. */
  readonly database: string | null;
  /** Where its spending is counted; null where it is not. */
  readonly ledger: string | null;
  readonly brain: Brain;
  events(tag: string): RunEvent[];
}

/** What a soak searches, and in what. */
export interface Task {
  readonly task: 'trading' | 'light';
  readonly seed: number;
  /** A file of Bitfinex's BTCUSD for the trading task, in place of the simulated market. */
  readonly bars?: string;
}

/** The subject in a folder that holds it, or will. */
export function subjectIn(dir: string, { task, seed }: Task): Subject {
  const data = join(dir, '.data', 'demo');
  const trading = task === 'trading';
  return {
    dir,
    config: trading ? 'config/soak' : 'config/light',
    database: trading ? join(data, 'db') : null,
    ledger: trading ? join(data, 'ledger.sqlite') : null,
    brain: trading ? scriptedResearcher(seed) : measurer(),
    events: (tag) => readJournal(join(dir, 'runs', tag, 'journal.jsonl')),
  };
}

/**
 * Fills an empty folder: with the trading task in an embedded TimescaleDB, on half a year of a market; or with the light one, a small
 * command in place of an evaluation, whose cycle takes a fraction of a second.
 */
export async function fillSubject(dir: string, { task, bars }: Task): Promise<void> {
  if (task === 'trading') return fillTrading(dir, bars);
  await makeLightProject(dir);
  edit(join(dir, 'config', 'light', 'ralph.yaml'), SHORT);
}

/** Short waits, so that faults cost the soak seconds and not minutes. */
const SHORT = [
  [/idleSeconds: [\d.]+/, 'idleSeconds: 4'],
  [/^faultBackoff:.*$/m, 'faultBackoff: { firstSeconds: 0.2, mostSeconds: 2 }'],
  [/ faults: \d+/, ' faults: 40'],
] as const;

async function fillTrading(dir: string, bars: string | undefined): Promise<void> {
  const project = await makeProject({ dir, market: bars === undefined });
  const config = join(dir, 'config', 'soak');
  cpSync(join(dir, 'config', 'test'), config, { recursive: true });
  edit(join(config, 'ralph.yaml'), [...SHORT, [/^task:/m, 'publishSeconds: 15\ntask:']]);
  edit(join(config, 'gates.yaml'), [
    [/^ {2}seconds: \d+$/m, '  seconds: 60'],
    [/^ {2}heapMb: \d+$/m, '  heapMb: 512'],
  ]);
  if (bars !== undefined) await takeRealBars(project, config, resolve(bars));
}

/** Fills the database from the file and lays the windows, as many days as those of the simulated market, from its first bar on. */
async function takeRealBars({ ralph }: Project, config: string, file: string): Promise<void> {
  const market = join(config, 'market.yaml');
  edit(market, [[/SIMUSD/, 'BTCUSD']]);
  const data = (...args: string[]) => ralph(['data', ...args, '--json', '--config', market]);
  const ingested = await data('ingest', file, '--symbol', 'BTCUSD', '--format', 'bitfinex');
  if (ingested.exitCode !== 0) throw new Error(`${file}: ${ingested.all}`);
  const first = Date.parse(JSON.parse((await data('list')).stdout).symbols[0].first);
  const windows = join(config, 'windows.yaml');
  const days = readFileSync(windows, 'utf8').replaceAll(/\d{4}-\d\d-\d\d/g, (day) =>
    new Date(Date.parse(day) + Math.ceil((first - MARKET_START) / DAY) * DAY).toISOString().slice(0, 10),
  );
  writeFileSync(windows, days);
}

function edit(path: string, changes: readonly (readonly [RegExp, string])[]): void {
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of changes) {
    if (!from.test(text)) throw new Error(`${path} has nothing like ${from}: expected the demo's settings`);
    text = text.replace(from, to);
  }
  writeFileSync(path, text);
}
