import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { print, printJson, say, table } from '../base/draw/terminal.ts';
import { screenWidth } from '../base/draw/width.ts';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { sha256 } from '../base/hash.ts';
import { MODULE_ENDING } from '../base/module-ending.ts';
import { number } from '../base/numbers.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../base/roots.ts';
import { secrets } from '../base/secrets.ts';
import { readJournal } from '../journal/journal.ts';
import { lockHolder } from '../journal/lock.ts';
import { rowsOf } from '../journal/projections/rows.ts';
import { reasonText } from '../journal/projections/text.ts';
import { MINUTE } from '../market/bars.ts';
import { readMarketConfig } from '../market/config.ts';
import { openDatabase } from '../market/database.ts';
import { simulateMarket } from '../market/simulate.ts';
import { storeBars } from '../market/store/store-bars.ts';
import type { Handler } from '../verbs/table/table.ts';
import { scriptedResearcher } from './scripted/researcher.ts';
import { startModelServer } from './server/serve.ts';

const CONFIG = join(PACKAGE_ROOT, 'config', 'demo');
const SYMBOL = 'SIMUSD';
/** Stands behind the market's fingerprint once all of its bars are in the database. */
const STORED = 'stored';

/** What the demo's market is made of: always the same one, whatever the seed of the search. */
const MARKET = {
  seed: 11,
  start: Date.UTC(2021, 0, 1),
  minutes: (Date.UTC(2022, 10, 1) - Date.UTC(2021, 0, 1)) / MINUTE,
  edges: [{ kind: 'momentum', annualSharpe: 14 }],
} as const;

/** The whole loop, offline: simulated market, embedded TimescaleDB, a scripted model over HTTP, the same code as a real run. */
export const demo: Handler<'demo'> = async ({ tag, cycles, seed, faults, proposer, json }) => {
  await prepareMarket();
  await untilFree(join(PROJECT_DIR, 'runs', tag));
  const server = await startModelServer({
    brain: scriptedResearcher(seed),
    seed,
    faults: { rate: faults },
  });
  try {
    const code = await searchWith(server.baseUrl, [
      ...['--tag', tag, '--proposer', proposer],
      ...['--cycles', String(cycles), '--seed', String(seed)],
    ]);
    const rows = rowsOf(readJournal(join(PROJECT_DIR, 'runs', tag, 'journal.jsonl')));
    if (json) printJson(rows);
    else if (rows.length > 0) summarise(rows, tag);
    return code;
  } finally {
    await server.close();
  }
};

async function prepareMarket(): Promise<void> {
  const { bars, edges } = simulateMarket({ ...MARKET, edges: [...MARKET.edges] });
  for (const { name, description, oracleSharpe } of edges) {
    say(
      `market ${SYMBOL}: ${name}: ${description} (annual Sharpe ${oracleSharpe.toFixed(1)} before costs for one who knows it)`,
    );
  }
  const dataDir = join(PROJECT_DIR, readMarketConfig(join(CONFIG, 'market.yaml')).dataDir);
  const fingerprint = sha256(bars.close);
  const mark = join(dataDir, 'market.sha256');
  const written = existsSync(mark) ? readFileSync(mark, 'utf8') : '';
  if (written === `${fingerprint} ${STORED}`) return;
  // The demo's folder holds nothing but simulated bars: when another version simulates another market, it starts afresh.
  if (written !== fingerprint) rmSync(dataDir, { recursive: true, force: true });
  writeFileAtomic(mark, fingerprint);
  const database = await openDatabase({ dataDir });
  try {
    const { inserted } = await storeBars(database, SYMBOL, bars, 'simulated', { aggregates: false });
    if (inserted > 0) say(`stored ${inserted.toLocaleString('en')} simulated bars in the embedded TimescaleDB`);
  } finally {
    await database.close();
  }
  writeFileAtomic(mark, `${fingerprint} ${STORED}`);
}

/** The run of a demo that was just killed notices it and ends by itself, in a moment. */
async function untilFree(runDir: string): Promise<void> {
  for (const end = Date.now() + 5000; lockHolder(runDir) !== null && Date.now() < end; ) await sleep(100);
}

/** The run is a process of its own, as `npm start` would start it; Ctrl-C reaches it too and it stops at its next step. */
async function searchWith(baseUrl: string, args: string[]): Promise<ExitCode> {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const child = await execa(
    process.execPath,
    [join(PACKAGE_ROOT, `ralph${MODULE_ENDING}`), 'run', '--config', CONFIG, ...args],
    {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'inherit',
      // The channel carries nothing; when it closes, the run knows that the demo has ended.
      ipc: true,
      env: { ...secrets(), RALPH_BASE_URL: baseUrl, RALPH_MODEL: '', DATABASE_URL: '' },
      reject: false,
    },
  );
  process.off('SIGINT', ignore);
  return (child.exitCode ?? EXIT.failed) as ExitCode;
}

function summarise(rows: ReturnType<typeof rowsOf>, tag: string): void {
  const head = ['cycle', 'trial', 'outcome', 'route', 'gate', 'value', 'threshold', 'candidate', 'why'];
  const lines = rows.map(({ cycle, trial, outcome, route, reasons: [reason], candidate }) => [
    cycle,
    trial ?? '-',
    outcome.toUpperCase(),
    route ?? '',
    reason?.gate ?? '',
    reason?.value == null ? '' : number(reason.value),
    reason?.threshold == null ? '' : `${reason.side === 'max' ? '<=' : '>='} ${number(reason.threshold)}`,
    candidate ?? '-',
    // The numbers are in their columns; what has none says itself what happened.
    reason === undefined ? '' : reason.value === null ? reasonText(reason) : (reason.class ?? 'the narrowest pass'),
  ]);
  const width = process.stdout.isTTY ? screenWidth() : Number.POSITIVE_INFINITY;
  print(table(head, lines, width));
  say();
  say(`Look closer:      npm run ralph -- status --tag ${tag};  git -C runs/${tag}/worktree log`);
  say(
    'With your model:  start vLLM (vllm/README.md), put your bars in (npm run ralph -- data ingest FILES --symbol BTCUSD), then npm run ralph -- run',
  );
}
