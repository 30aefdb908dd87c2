import { join } from 'node:path';
import { type ReportTable, reportTable } from '../base/draw/terminal.ts';
import { replaceFile, textAt } from '../base/files.ts';
import { jsonIn } from '../base/json.ts';
import { isoDay, number, percent } from '../base/numbers.ts';
import type { ForwardLine } from './view.ts';

/** What the newest `forward` saw: a copy for page and report. The record itself lies beside the ledger. */
export interface ForwardSeen {
  /** Epoch ms of that look. */
  readonly at: number;
  readonly trials: readonly ForwardLine[];
}

/** The newest look; null before the first one, or where its file cannot be read: the next look writes it again. */
export function readForward(runDir: string): ForwardSeen | null {
  return (jsonIn(textAt(fileIn(runDir)) ?? '') as ForwardSeen | undefined) ?? null;
}

export function writeForward(runDir: string, seen: ForwardSeen): void {
  replaceFile(fileIn(runDir), `${JSON.stringify(seen, null, 2)}\n`);
}

/** The record as a table of the report; none before the first look. */
export function forwardTables(runDir: string): ReportTable[] {
  const seen = readForward(runDir);
  if (seen === null || seen.trials.length === 0) return [];
  const rows = seen.trials.map((line) => ({
    trial: line.trial,
    state: line.role === 'control' ? 'control' : (line.state ?? '-'),
    since: line.since ?? '-',
    days: line.days,
    unseen: line.unseen,
    'promised sharpe': number(line.promised),
    sharpe: number(line.sharpe),
    return: percent(line.return),
    market: percent(line.market),
    'expected by': line.expected ?? '-',
  }));
  const note = `Bars behind the last window of the run, as \`npm run ralph -- forward\` saw them on ${isoDay(seen.at)}. Unseen: days that began after the trial was kept.`;
  return [reportTable('Since they were kept', note, rows)];
}

function fileIn(runDir: string): string {
  return join(runDir, 'forward.json');
}
