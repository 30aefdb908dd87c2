import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '../../../../src/backtest/engine.ts';
import { PACKAGE_ROOT } from '../../../../src/base/roots.ts';
import type { RalphEvent } from '../../../../src/journal/events.ts';
import { openJournal } from '../../../../src/journal/journal.ts';
import { openObjects } from '../../../../src/journal/objects.ts';
import { stateOf } from '../../../../src/journal/state/run-state.ts';
// Leads the strategy's import of ralph/strategy to the checkout.
import '../../../../src/lab/calibrate/search/spaces.ts';
import { isoDay } from '../../../../src/base/numbers.ts';
import { engineVersion } from '../../../../src/gates/engine-version.ts';
import { startOfRun } from '../../../../src/lab/story.ts';
import { type Bars, barsBetween, DAY, MINUTE, type Range } from '../../../../src/market/bars.ts';
import { readMarketConfig } from '../../../../src/market/config.ts';
import { type Database, openDatabase } from '../../../../src/market/database.ts';
import { storeBars } from '../../../../src/market/store/store-bars.ts';
import type { Members } from '../../../../src/market/universe/members.ts';
import { dailyReturns } from '../../../../src/metrics/returns.ts';
import type { Params } from '../../../../src/strategy/candidate.ts';
import { type ForwardRequest, lookForward } from '../../../../src/task/trading/forward/forward.ts';
import { marketVersion } from '../../../../src/task/trading/provenance.ts';
import { PLAIN, strategySource } from '../../../loop/brains.ts';

/** Days of warm-up before the first day of train. */
const WARMUP = 10;

/** Days from the first of train on: its end, the only fold, and the holdout, whose end is the freeze. */
export interface Plan {
  readonly train: number;
  readonly fold: readonly [number, number];
  readonly holdout: readonly [number, number];
}

/** Far fewer days than a real run may have. */
const SHORT: Plan = { train: 50, fold: [51, 60], holdout: [61, 70] };
const SCENARIO = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };

/** A set that the kept candidate trades in place of its one symbol. */
interface TradedSet {
  /** Its lines of market.yaml, and who that makes a member from the first day of train on. */
  readonly lines: (day: (offset: number) => number) => string;
  readonly members: (day: (offset: number) => number) => Members;
  readonly source: string;
  readonly params: Params;
}

/** A project with bars by symbol in an embedded database that runs, and runs that kept one candidate each. */
export async function makeProjectWith(series: Readonly<Record<string, Bars>>, plan = SHORT, set?: TradedSet) {
  const symbols = Object.keys(series).sort();
  const dir = mkdtempSync(join(tmpdir(), 'ralph-forward-'));
  const start = Math.ceil(series[symbols[0]].time[0] / DAY) * DAY + WARMUP * DAY;
  const day = (offset: number) => start + offset * DAY;
  const train = { from: day(0), to: day(plan.train) };
  const from = day(plan.holdout[1]);
  const config = join(dir, 'config');
  mkdirSync(config);
  const copy = (name: string, edit = (text: string) => text) =>
    writeFileSync(join(config, name), edit(readFileSync(join(PACKAGE_ROOT, 'config', name), 'utf8')));
  copy('gates.yaml');
  copy('market.yaml', (text) => {
    const own = text.replace('  SIM:\n', '  SIMUSD:\n');
    return set ? `${own}\n${set.lines(day)}\n` : own;
  });
  const range = (a: number, b: number) => `{ from: ${isoDay(day(a))}, to: ${isoDay(day(b))} }`;
  const windows = [`train: ${range(0, 180)}`, `selection: [${range(181, 210)}]`, `holdout: ${range(211, 240)}`];
  writeFileSync(join(config, 'windows.yaml'), ['embargoDays: 1', `warmupDays: ${WARMUP}`, ...windows, ''].join('\n'));
  const market = readMarketConfig(join(config, 'market.yaml'));
  const database = await openDatabase({ dataDir: join(dir, '.data') });
  const path = join(dir, `candidate-${Date.now()}.ts`);
  writeFileSync(path, set?.source ?? strategySource(PLAIN));
  const { default: strategy } = await import(path);
  const params = set?.params ?? { fast: 10, slow: 50 };
  const costs = set ? { ...market, members: set.members(day) } : market;
  /** Another way to the same place: no database, no window file, no evaluation process. */
  const played = (to: number) =>
    simulate(
      strategy,
      symbols.map((symbol) => ({
        symbol,
        bars: barsBetween(series[symbol], train.from - WARMUP * DAY, to),
        range: { from: train.from, to },
      })),
      { params, scenario: SCENARIO, detail: 'full' },
      costs,
    );
  return {
    dir,
    config,
    database,
    from,
    played,
    day,
    feed: async (a: number, b: number) => {
      for (const symbol of symbols) await feed(database, symbol, series[symbol], { from: a, to: b });
    },
    /** A run of that tag that kept a candidate with those returns on train, and a look at what it does after the freeze. */
    keepOf: (tag: string, decide = PLAIN, returns = dailyReturns(played(train.to))) => {
      const source = set?.source ?? strategySource(decide);
      const runDir = join(dir, 'runs', tag);
      const objects = openObjects(runDir);
      const traded = set ? 'universe: coins' : `symbols: [${symbols.join(', ')}]`;
      const yaml = `strategy: candidate-1.ts\n${traded}\nparams: ${JSON.stringify(params)}\n`;
      const files = { 'candidate-1.ts': objects.put(source), 'candidate-1.yaml': objects.put(yaml) };
      const journal = openJournal(join(runDir, 'journal.jsonl'));
      const coverage = (['train', 'selection fold 1', 'holdout'] as const).map((window, k) => {
        const [a, b] = [[0, plan.train] as const, plan.fold, plan.holdout][k];
        return {
          symbol: symbols[0],
          window,
          from: day(a),
          to: day(b),
          first: day(a),
          last: day(b) - MINUTE,
          bars: 1,
          share: 1,
        };
      });
      const provenance = { engine: engineVersion(), market: marketVersion(market) };
      const trial = { trial: '0001-1', cycle: 1 };
      const cycle = { directive: 'explore', why: '', base: null, family: null, gate: null, state: '', sampling: {} };
      const brief = { briefSha256: '', briefTokens: 1, hints: [] };
      const kept = { equityFingerprint: null, returnsSha256: objects.put(returns) };
      const events: RalphEvent[] = [
        { ...(startOfRun as Extract<RalphEvent, { type: 'run.started' }>), tag, coverage, provenance },
        { type: 'cycle.started', cycle: 1, seed: 1, ...cycle, ...brief },
        {
          type: 'trial.started',
          ...trial,
          n: 1,
          candidate: 'candidate-1',
          family: 'test-family',
          hypothesis: '',
          fingerprint: 'f',
          codeSha256: 'c',
          files,
          params,
        },
        {
          type: 'trial.finished',
          ...trial,
          outcome: 'keep',
          gates: [],
          metrics: {},
          score: 1,
          seconds: 1,
          duplicateOf: null,
          ...kept,
        },
      ];
      for (const event of events) journal.append(event);
      journal.close();
      const read = journal.events;
      return {
        runDir,
        events: read,
        look: (more: Partial<ForwardRequest> = {}) =>
          lookForward({
            projectDir: dir,
            configDir: config,
            runDir,
            events: read,
            trials: stateOf(read).trials,
            ...more,
          }),
      };
    },
    remove: async () => {
      await database.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

async function feed(database: Database, symbol: string, bars: Bars, { from, to }: Range): Promise<void> {
  await storeBars(database, symbol, barsBetween(bars, from, to), `${from}`, { aggregates: false });
}
