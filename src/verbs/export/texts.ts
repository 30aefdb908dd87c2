import type { SimulationResult } from '../../backtest/contract.ts';
import type { RunEvent } from '../../journal/events.ts';
import { provenanceAt, segmentAt } from '../../journal/provenance.ts';
import type { Trial } from '../../journal/state/parts.ts';
import { dailyReturns } from '../../metrics/metrics.ts';
import { exportReadme } from './readme.ts';

/** The files of an export that are written for people and their tools, by name. `result` is that of the train window. */
export function exportedTexts(
  events: readonly RunEvent[],
  trial: Trial,
  result: SimulationResult,
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
    'trades.csv': tradesCsv(result),
    'daily-returns.csv': returnsCsv(result, trial.candidate),
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

function tradesCsv({ trades, fills }: SimulationResult): string {
  const symbols = [...new Set((fills ?? []).map(({ symbol }) => symbol))];
  const rows = Array.from({ length: trades.length }, (_, i) => [
    symbols[trades.symbol[i]] ?? trades.symbol[i],
    trades.side[i] > 0 ? 'long' : 'short',
    iso(trades.entryTime[i]),
    iso(trades.exitTime[i]),
    ...[trades.entryPrice[i], trades.exitPrice[i], trades.quantity[i], trades.profit[i]],
  ]);
  return csv(['symbol', 'side', 'entry', 'exit', 'entry_price', 'exit_price', 'quantity', 'profit'], rows);
}

/** A date and a fraction a line, under the name of the candidate: pandas and QuantStats read it as a series. */
function returnsCsv(result: SimulationResult, name: string): string {
  const rows = Array.from(dailyReturns(result), (value, day) => [iso(result.days[day]).slice(0, 10), value]);
  return csv(['date', name], rows);
}

function windowsAt(events: readonly RunEvent[], seq: number) {
  const coverage = segmentAt(events, seq)?.coverage ?? [];
  return coverage.map(({ symbol, window, from, to, bars }) => ({ symbol, window, from: day(from), to: day(to), bars }));
}

function csv(head: readonly string[], rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  const cell = (value: string | number | boolean | null) => {
    const text = String(value ?? '');
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

const iso = (time: number) => new Date(time).toISOString();
const day = (time: number) => iso(time).slice(0, 10);
