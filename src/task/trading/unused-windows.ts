import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isoDay } from '../../base/numbers.ts';
import type { RunEvent } from '../../journal/events.ts';
import { type Entry, line } from '../../ledger/entries.ts';

/**
 * Frozen windows in a folder that no run and no ledger entry names, absolute paths. They can be frozen again from the database at any time.
 * `lines` are those of the ledger.
 */
export function unusedWindows(
  folder: string,
  runs: readonly (readonly RunEvent[])[],
  lines: readonly string[],
): string[] {
  const used = new Set([
    ...runs.flat().flatMap(coverageOf),
    ...spansOf(lines.map((text) => line.parse(JSON.parse(text)).entry)),
  ]);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => {
    const span = /^(.+)-(?:train|selection\d+|holdout)-(\d{4}-\d\d-\d\d)-(\d{4}-\d\d-\d\d)-w[\d.]+\.bars$/.exec(name);
    return span && !used.has(span.slice(1).join(' ')) ? [join(folder, name)] : [];
  });
}

const key = (symbol: string, from: number, to: number) => `${symbol} ${isoDay(from)} ${isoDay(to)}`;

function coverageOf(event: RunEvent): string[] {
  if (event.type !== 'run.started' && event.type !== 'segment.started') return [];
  return (event.coverage ?? []).map(({ symbol, from, to }) => key(symbol, from, to));
}

function spansOf(entries: readonly Entry[]): string[] {
  const symbolOf = new Map(entries.flatMap((entry) => (entry.type === 'series' ? [[entry.series, entry.symbol]] : [])));
  return entries.flatMap((entry) =>
    entry.type === 'setting'
      ? entry.series.flatMap((series) =>
          [entry.train, ...entry.selection, entry.holdout].map(({ from, to }) =>
            key(symbolOf.get(series) ?? '', from, to),
          ),
        )
      : [],
  );
}
