import type { RunEvent } from '../../journal/events.ts';
import { provenanceAt, segmentAt } from '../../journal/provenance.ts';
import type { Trial } from '../../journal/state/parts.ts';
import type { TrainPlay } from '../../task/trading/train-result.ts';
import { csv, csvOf, returnsOf, tradesOf } from '../backtest/series.ts';
import { exportReadme } from './readme.ts';

/** The files of an export that are written for people and their tools, by name. */
export function exportedTexts(
  events: readonly RunEvent[],
  trial: Trial,
  { result, symbols }: Pick<TrainPlay, 'result' | 'symbols'>,
): Readonly<Record<string, string>> {
  const { started, finished } = trial;
  const holdout = events.findLast((event) => event.type === 'holdout.answered' && event.trial === trial.trial);
  const about = {
    trial: trial.trial,
    candidate: trial.candidate,
    family: trial.family,
    hypothesis: trial.hypothesis,
    outcome: finished?.outcome ?? null,
    params: started.params,
    ...(finished?.tuned && { tuned: { path: finished.tuned.path, final: finished.tuned.final } }),
    score: finished?.score ?? null,
    equityFingerprint: finished?.equityFingerprint ?? null,
    metrics: finished?.metrics ?? {},
    n: started.n,
    provenance: provenanceAt(events, started.seq),
    windows: windowsAt(events, started.seq),
    holdout: holdout?.type === 'holdout.answered' ? { answer: holdout.answer, sharpe: holdout.sharpe } : null,
  };
  return {
    'trial.json': `${JSON.stringify(about, null, 2)}\n`,
    'gates.csv': gatesCsv(trial, holdout !== undefined),
    'trades.csv': csvOf(tradesOf(result, symbols)),
    'daily-returns.csv': csvOf(returnsOf(result, trial.candidate)),
    'README.md': exportReadme(about),
  };
}

/** Numbers of the held-back folds stay hidden until the holdout has been opened, as everywhere. */
function gatesCsv({ finished }: Trial, opened: boolean): string {
  const rows = (finished?.gates ?? []).map(({ gate, stage, passed, value, threshold, side, message }) => {
    const hidden = stage === 'selection' && !opened;
    return [gate, passed, hidden ? '' : value, hidden ? '' : threshold, side, hidden ? '' : message];
  });
  return csv(['gate', 'passed', 'value', 'threshold', 'side', 'message'], rows);
}

function windowsAt(events: readonly RunEvent[], seq: number) {
  const coverage = segmentAt(events, seq)?.coverage ?? [];
  return coverage.map(({ symbol, window, from, to, bars }) => ({ symbol, window, from: day(from), to: day(to), bars }));
}

const iso = (time: number) => new Date(time).toISOString();
const day = (time: number) => iso(time).slice(0, 10);
