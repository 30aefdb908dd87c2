import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileCandidate } from '../../../backtest/compile/compile.ts';
import { EXIT, RalphError } from '../../../base/errors.ts';
import { secret } from '../../../base/secrets.ts';
import type { RunEvent } from '../../../journal/events.ts';
import { openObjects } from '../../../journal/objects.ts';
import { changedParts, provenanceAt, segmentAt } from '../../../journal/provenance.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import type { Range } from '../../../market/bars.ts';
import { badPrintRuleOf, databaseOf, type MarketConfig, readMarketConfig } from '../../../market/config.ts';
import { type Database, openDatabase } from '../../../market/database.ts';
import { freezeRange } from '../../../market/snapshot.ts';
import { intervalOf } from '../../../market/store/interval.ts';
import { listSymbols } from '../../../market/store/list.ts';
import { readWindowsConfig } from '../../../market/windows.ts';
import { parseCandidateYaml } from '../../../strategy/policy.ts';
import { configPath } from '../../config-path.ts';
import { candidateFrom } from '../context.ts';
import { playFull } from '../play-full.ts';
import { playOfTrial } from '../play-of-trial.ts';
import { engineVersion, marketVersion } from '../provenance.ts';
import { type Signal, signalOf } from './signal.ts';

export interface SignalRequest {
  readonly projectDir: string;
  readonly configDir: string;
  readonly runDir: string;
  readonly events: readonly RunEvent[];
  readonly trials: readonly Trial[];
  /** Quote money to size for; null: the cash of market.yaml. */
  readonly capital: number | null;
  /** Epoch ms UTC. */
  readonly now: number;
}

/**
 * Where each of these trials stands at the newest bar of the database: its backtest, carried on from the first day of its train window, in
 * the same box and by the same costs. Opens no holdout: nothing of what was earned is told. Throws RalphError where the bars or the
 * candidate cannot be had.
 */
export async function signalsOf(request: SignalRequest): Promise<Signal[]> {
  const { projectDir, configDir, trials } = request;
  const market = readMarketConfig(configPath(projectDir, configDir, 'market.yaml'));
  const { warmupMs } = readWindowsConfig(configPath(projectDir, configDir, 'windows.yaml'));
  const dataDir = resolve(projectDir, market.dataDir);
  const database = await openDatabase(databaseOf(market, dataDir, secret('DATABASE_URL')));
  mkdirSync(dataDir, { recursive: true });
  // The files go beyond every window of the run, so they do not stay where a run would find them.
  const dir = mkdtempSync(join(dataDir, 'signals-'));
  try {
    const signals: Signal[] = [];
    for (const trial of trials) signals.push(await one(request, trial, { market, database, warmupMs, dir }));
    return signals;
  } finally {
    rmSync(dir, { recursive: true, force: true });
    await database.close();
  }
}

interface Means {
  readonly market: MarketConfig;
  readonly database: Database;
  readonly warmupMs: number;
  readonly dir: string;
}

async function one(request: SignalRequest, trial: Trial, { market, database, warmupMs, dir }: Means): Promise<Signal> {
  const { runDir, events, capital, now } = request;
  const { candidate, started } = trial;
  const objects = openObjects(runDir);
  const texts = Object.entries(started.files).map(([name, hash]) => [name, objects.get(hash).toString('utf8')]);
  const files = candidateFrom(candidate, Object.fromEntries(texts));
  const [compiled, yaml] = [await compileCandidate(files), parseCandidateYaml(files.yaml)];
  if (!compiled.ok || !yaml.ok)
    throw new RalphError(`${trial.trial} (${candidate}) does not compile any more`, {
      remedy: `See what this version asks for: npm run ralph -- reproduce ${trial.trial}`,
    });
  const { symbols } = yaml.config;
  const interval = await intervalOf(database, symbols[0]);
  const to = (await newestOf(database, symbols)) + interval;
  const windows = await freezeRange(database, {
    symbols,
    range: { from: trainOf(events, started.seq).from, to },
    role: 'signals',
    warmupMs,
    dir,
    badPrints: (symbol) => badPrintRuleOf(market, symbol),
  });
  const windowFiles = windows.map(({ path }) => path);
  const answer = await playFull(
    { code: compiled.code, windowFiles, market },
    playOfTrial(trial, to, yaml.config.params, trainOf(events, started.seq).to),
  );
  if (!answer.ok) throw failed(trial.trial, answer);
  const then = provenanceAt(events, started.seq);
  const today = { engine: engineVersion(), market: marketVersion(market) };
  const changed = changedParts({ engine: then.engine, market: then.market }, today);
  return signalOf({ trial, result: answer.value, market, capital: capital ?? market.cash, interval, now, changed });
}

/** Start of the newest bar that all of the symbols have, epoch ms. */
async function newestOf(database: Database, symbols: readonly string[]): Promise<number> {
  const known = await listSymbols(database);
  const last = symbols.map((symbol) => {
    const found = known.find((each) => each.symbol === symbol);
    if (found) return Date.parse(found.last);
    throw new RalphError(`the database has no bars of ${symbol}`, {
      remedy: `Ingest them: npm run ralph -- data ingest FILES --symbol ${symbol}`,
    });
  });
  return Math.min(...last);
}

/** The train window that a trial was judged on. */
function trainOf(events: readonly RunEvent[], seq: number): Range {
  const train = segmentAt(events, seq)?.coverage?.find(({ window }) => window === 'train');
  if (train) return { from: train.from, to: train.to };
  throw new RalphError('the journal does not say on which days the trial was judged', {
    remedy: 'Signals need a run of the trading task by this version or a later one.',
    exitCode: EXIT.usage,
  });
}

function failed(trial: string, { kind, message }: { kind: string; message: string }): RalphError {
  return new RalphError(`${trial} gives no signal (${kind}): ${message}`, {
    remedy: `See whether it still evaluates as it did: npm run ralph -- reproduce ${trial}`,
  });
}
