import { join } from 'node:path';
import { replaceFile, textAt } from '../base/files.ts';
import { jsonIn } from '../base/json.ts';
import { isoDay, number, percent } from '../base/numbers.ts';
import type { ReportTable } from '../base/terminal.ts';
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
  return [
    {
      title: 'Since they were kept',
      note: `Bars behind the last window of the run, as \`npm run ralph -- forward\` saw them on ${isoDay(seen.at)}. Unseen: days that began after the trial was kept.`,
      head: [
        'trial',
        'state',
        'since',
        'days',
        'unseen',
        'promised sharpe',
        'sharpe',
        'return',
        'market',
        'expected by',
      ],
      rows: seen.trials.map((line) => [
        line.trial,
        line.role === 'control' ? 'control' : (line.state ?? '-'),
        line.since ?? '-',
        line.days,
        line.unseen,
        number(line.promised),
        number(line.sharpe),
        percent(line.return),
        percent(line.market),
        line.expected ?? '-',
      ]),
    },
  ];
}

function fileIn(runDir: string): string {
  return join(runDir, 'forward.json');
}
