import { RalphError } from '../../../base/errors.ts';
import { duration } from '../../../base/numbers.ts';
import { engineVersion } from '../../../gates/engine-version.ts';
import type { RunEvent } from '../../../journal/events.ts';
import { changedParts, provenanceAt } from '../../../journal/provenance.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { DAY, MINUTE, TIMEFRAME_MS } from '../../../market/bars.ts';
import { intervalOf } from '../../../market/store/interval.ts';
import { isMember } from '../../../market/universe/members.ts';
import { carriedFrom, freezeLater, type Means, newestOf, openMeans, tradedLater, windowsAt } from '../carried.ts';
import { marketVersion } from '../provenance.ts';
import { playFull, playOfTrial } from '../trial/play-full.ts';
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
  await using means = await openMeans(request, 'signals');
  return await Array.fromAsync(request.trials, (trial) => one(request, trial, means));
}

async function one(request: SignalRequest, trial: Trial, means: Means): Promise<Signal> {
  const { market, database } = means;
  const { runDir, events, capital, now } = request;
  const { started } = trial;
  const carried = await carriedFrom(runDir, trial);
  const { code, given } = carried;
  const train = windowsAt(events, started.seq).find(({ window }) => window === 'train')!;
  const { from } = train;
  const traded = await tradedLater(database, market, carried, { from, to: now });
  const { symbols, market: costs } = traded;
  // Of a set those who are members today say how far the bars reach.
  const today = symbols.filter((symbol) => isMember(costs.members, symbol, Math.floor(now / DAY) * DAY));
  const interval = await intervalOf(database, symbols[0]);
  const to = (await newestOf(database, today.length > 0 ? today : symbols)) + interval;
  const windowFiles = await freezeLater(means, traded, { from, to }, 'signals');
  const answer = await playFull({ code, windowFiles, market: costs }, playOfTrial(trial, to, given, train.to));
  if (!answer.ok)
    throw new RalphError(`${trial.trial} gives no signal (${answer.kind}): ${answer.message}`, {
      remedy: `See whether it still evaluates as it did: npm run ralph -- reproduce ${trial.trial}`,
    });
  const then = provenanceAt(events, started.seq);
  const versions = { engine: engineVersion(), market: marketVersion(market) };
  const changed = changedParts({ engine: then.engine, market: then.market }, versions);
  return signalOf({ trial, result: answer.value, market, capital: capital ?? market.cash, interval, now, changed });
}

/** Bars of a feed come some minutes late. */
const LEAST_MINUTES = 10;

/** Throws RalphError where the newest bar is too old to act on: older than `most` minutes, or than two bars that it decides on. */
export function refuseStale(signal: Signal, most: number | null): void {
  const { trial, newestBar, ageMinutes, timeframe } = signal;
  const allowed = most ?? Math.max(LEAST_MINUTES, (2 * TIMEFRAME_MS[timeframe]) / MINUTE);
  if (ageMinutes <= allowed) return;
  const symbols = signal.symbols.map(({ symbol }) => symbol).join(', ');
  throw new RalphError(
    `no signal of ${trial}: the newest bar of ${symbols} ended at ${newestBar}, ${duration(ageMinutes * MINUTE)} ago`,
    {
      expected: `bars that are at most ${duration(allowed * MINUTE)} old`,
      remedy:
        'Bring newer bars: npm run ralph -- data ingest FILES, or data download; or say how old they may be with --max-age MINUTES.',
    },
  );
}
