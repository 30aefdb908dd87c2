import type { SimulationResult } from '../../../backtest/contract.ts';
import { closing } from '../../../base/closing.ts';
import { messageOf, RalphError } from '../../../base/errors.ts';
import type { Activity, Basis, Entry } from '../../../forward/entries.ts';
import {
  basisOf,
  knownBars,
  nextDay,
  openForwardRecord,
  refuseLost,
  type TrialRecord,
} from '../../../forward/record.ts';
import { readGatesConfig } from '../../../gates/config.ts';
import { engineVersion } from '../../../gates/engine-version.ts';
import type { RunEvent } from '../../../journal/events.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { openLedger } from '../../../ledger/ledger.ts';
import { DAY, MINUTE, type Range } from '../../../market/bars.ts';
import { badPrintRuleOf } from '../../../market/config.ts';
import { readWindowFile } from '../../../market/snapshot.ts';
import { intervalOf } from '../../../market/store/interval.ts';
import { hasJoined, isMember } from '../../../market/universe/members.ts';
import { configPath, databaseFor } from '../../config-path.ts';
import { doerOf } from '../../doer.ts';
import { carriedFrom, freezeLater, type Means, newestOf, openMeans, tradedLater } from '../carried.ts';
import { marketVersion } from '../provenance.ts';
import { playEach, playOfTrial } from '../trial/play-full.ts';
import { barsHash, contiguousDays, correctionOf, type Missing, refuseOther, trainHash } from './basis.ts';
import { activityOf, daysOf, together } from './days.ts';
import { freezeOf, sameTrial } from './freeze.ts';
import { frozenOf } from './open.ts';

export interface ForwardRequest {
  readonly projectDir: string;
  readonly configDir: string;
  readonly runDir: string;
  readonly events: readonly RunEvent[];
  /** Keeps, and discards as controls. */
  readonly trials: readonly Trial[];
  /** Days in a row without a bar that pass as a closed market; absent: five. */
  readonly closed?: number;
  /** Why to go on with a record that lost lines. */
  readonly accept?: string;
}

/** What one look at the bars brought for one trial. */
export interface Looked {
  readonly trial: Trial;
  /** Null where nothing is recorded yet. */
  readonly record: TrialRecord | null;
  /** Days that this look added. */
  readonly added: number;
  readonly missing: Missing | null;
  /** What moves orders and differs from when it was judged: `engine`, `market`. */
  readonly changed: readonly string[];
  /** Recorded days that a backtest of today's bars and engine shows otherwise. */
  readonly differs: number;
  /** Of the record. */
  readonly activity: Activity | null;
  /** Why nothing could be added. */
  readonly problem: RalphError | null;
}

/** All of them, and why a person went on with a record that had lost lines. */
export interface Look {
  readonly looked: readonly Looked[];
  readonly accepted: readonly string[];
}

/**
 * Records every complete day behind the freeze of each trial that is not recorded yet: the backtest of the trial, carried on from the first
 * day of train in the same box and by the same costs. Days are written once. A trial that cannot be played as it was kept is told as a
 * problem and stops no other. Throws RalphError where the record lost lines, or the bars cannot be had.
 */
export async function lookForward(request: ForwardRequest): Promise<Look> {
  const { projectDir, configDir, events, trials, accept } = request;
  await using later = await openMeans(request, 'forward');
  const { market } = later;
  const options = databaseFor(projectDir, market);
  await using record = closing(openForwardRecord(options));
  await using ledger = closing(openLedger(options));
  const { run, tag } = doerOf(events, '');
  const heads = await ledger.add([], (book) => book.forwardOf(run));
  if (accept !== undefined) {
    const lost = await record.add([], (records) => records.lostOf(run, heads));
    const entries = lost.map(({ seq, hash }) => ({ type: 'accepted' as const, run, seq, hash, why: accept }));
    await record.add(entries, () => undefined);
  }
  await record.add([], (records) => refuseLost(records, run, heads));
  const means: Looking = {
    ...request,
    ...later,
    run,
    tag,
    minTrials: readGatesConfig(configPath(projectDir, configDir, 'gates.yaml')).deflation.minTrials,
    versions: { engine: engineVersion(), market: marketVersion(market) },
    recordOf: (trial) => record.add([], (records) => records.of(run, trial)),
    write: (entries) => record.add(entries, () => undefined),
  };
  const looked = await Array.fromAsync(trials, (trial) => lookAt(means, trial));
  const head = await record.add([], (records) => (records.ofRun(run).length > 0 ? records.head : null));
  // What the record holds by now is told to the ledger, which sees when some of it is gone.
  if (head) await ledger.add([{ type: 'forward', run, ...head }], () => undefined);
  const accepted = await record.add([], (records) => records.acceptedOf(run).map(({ why }) => why));
  return { looked, accepted: [...new Set(accepted)] };
}

interface Looking extends ForwardRequest, Means {
  readonly run: string;
  readonly tag: string;
  readonly minTrials: number;
  readonly versions: Pick<Basis, 'engine' | 'market'>;
  readonly recordOf: (trial: string) => Promise<TrialRecord | undefined>;
  readonly write: (entries: readonly Entry[]) => Promise<void>;
}

const NOTHING = { added: 0, missing: null, changed: [], differs: 0, activity: null };

async function lookAt(means: Looking, trial: Trial): Promise<Looked> {
  const before = await means.recordOf(trial.trial);
  try {
    return { ...(await extend(means, trial, before)), problem: null };
  } catch (thrown) {
    const problem =
      thrown instanceof RalphError
        ? thrown
        : new RalphError(messageOf(thrown), { cause: thrown, remedy: `npm run ralph -- reproduce ${trial.trial}` });
    return { ...NOTHING, trial, record: before ?? null, problem };
  }
}

async function extend(means: Looking, trial: Trial, before: TrialRecord | undefined): Promise<Omit<Looked, 'problem'>> {
  const { runDir, events, run, tag, market, database, warmupMs, minTrials, versions } = means;
  const freeze = freezeOf(events, trial);
  const { window, train, folds, from, kept, judged } = freeze;
  if (before) sameTrial(before.frozen, trial, freeze);
  const carried = await carriedFrom(runDir, trial);
  const { code, given } = carried;
  const traded = await tradedLater(database, market, carried, { from: window, to: Date.now() });
  const { symbols, market: costs } = traded;
  const belongs = (symbol: string, day: number) => isMember(costs.members, symbol, day);
  const today = symbols.filter((symbol) => belongs(symbol, Math.floor(Date.now() / DAY) * DAY));
  const to = await lastMidnight(means, today.length > 0 ? today : symbols);
  if (to < from) return { ...NOTHING, trial, record: before ?? null };
  const windowFiles = await freezeLater(means, traded, { from: window, to }, 'forward');
  const bars = windowFiles.map((path) => readWindowFile(path).bars);
  const end = contiguousDays(bars, { from, to }, means.closed, (s, day) => belongs(symbols[s], day));
  // A correction may have taken bars away that were recorded: the days behind are played all the same.
  const until = before ? Math.max(end.to, Math.min(to, nextDay(before))) : end.to;
  const ends = before ? [until] : [train.to, folds, from, until];
  const plays = ends.map((end) => {
    const play = playOfTrial(trial, end, given, train.to);
    return { ...play, range: { from: train.from, to: end } };
  });
  // A symbol that joins a set later is not part of what was recorded before.
  const joined = (to: number) => bars.filter((_, s) => hasJoined(costs.members, symbols[s], to));
  const hashOf = (range: Range) => barsHash(joined(range.to), range);
  const answer = await playEach({ code, windowFiles, market: costs }, plays);
  if (!answer.ok)
    throw new RalphError(`${trial.trial} (${trial.candidate}) cannot be played on: ${answer.message}`, {
      remedy: `See whether it still evaluates as it did: npm run ralph -- reproduce ${trial.trial}`,
    });
  const result = answer.value[ends.length - 1];
  const now: Basis = {
    history: hashOf({ from: window - warmupMs, to: from }),
    train: trainHash(result, train),
    ...versions,
  };
  const basis = before ? basisOf(before) : { ...now, train: trial.returnsSha256 ?? '', ...judged };
  refuseOther(trial, basis, now);
  const changed = (['engine', 'market'] as const).filter((part) => judged[part] !== now[part]);
  const stages = answer.value as [SimulationResult, SimulationResult, SimulationResult, SimulationResult];
  const opening = { trial, run, tag, kept, symbols, train, from, minTrials, basis: { ...now, ...judged } };
  const frozen = before?.frozen ?? frozenOf({ ...opening, stages: [stages[0], stages[1], stages[2]] });
  const known = frozen.symbols;
  const order = [...known, ...symbols.filter((symbol) => !known.includes(symbol))];
  const about = { run, trial: trial.trial, engine: versions.engine, symbols: order };
  const all = daysOf(result, about, hashOf, { from, to: until });
  const recorded = before?.days.length ?? 0;
  const fresh = all.slice(recorded);
  const differs = all.filter((day, d) => d < recorded && Math.abs(day.return - before!.days[d].return) > 1e-12).length;
  const correction = before && correctionOf(before, knownBars(before), all.slice(0, recorded), now);
  await means.write([frozen, ...(correction ? [correction] : []), ...fresh]);
  const record = await means.recordOf(trial.trial);
  return {
    trial,
    record: record ?? null,
    added: fresh.length,
    missing: end.missing,
    changed,
    differs,
    activity: activityOf('record', result, together(frozen.activity)),
  };
}

/** The last midnight up to which all bars are there, those included that tell a misprint before it from a crash. */
async function lastMidnight({ database, market }: Means, symbols: readonly string[]): Promise<number> {
  const interval = await intervalOf(database, symbols[0]);
  const margins = symbols.map((symbol) => {
    const { factor, minutes } = badPrintRuleOf(market, symbol);
    return factor > 0 ? minutes * MINUTE : 0;
  });
  const newest = await newestOf(database, symbols);
  return Math.floor((newest + interval - Math.max(...margins)) / DAY) * DAY;
}
