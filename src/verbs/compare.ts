import { attempt } from '../base/attempt.ts';
import { print, printJson, say, tableOf, tableOrLines } from '../base/draw/terminal.ts';
import { duration } from '../base/numbers.ts';
import { returnsReader } from '../journal/objects.ts';
import { historyOf } from '../search/memory/history.ts';
import {
  type Alikeness,
  alikeness,
  compareRuns,
  compareSvg,
  type RunFigures,
  SIZE_HEAD,
  sizeCells,
  yieldBySize,
} from '../search/report/compare.ts';
import { checkOutput, writeOutput } from './output.ts';
import { readRun } from './run.ts';
import type { Handler } from './table/table.ts';

const HOUR_MS = 3_600_000;

/** Runs side by side on equal trials and on equal working time. */
export const compare: Handler<'compare'> = async ({ svg, runs: folder, json }, tags) => {
  if (svg) checkOutput('svg', svg);
  const read = tags.map((tag) => readRun(tag, folder));
  const runs = read.map(({ events }) => events);
  const comparison = compareRuns(runs);
  const alike = pairsOf(read);
  const sizes = runs.map((events) => ({ tag: historyOf(events).tag, sizes: yieldBySize(historyOf(events)) }));
  if (svg) {
    writeOutput(svg, compareSvg(runs));
    say(`picture: ${svg}`);
  }
  if (json) return printJson({ ...comparison, alike, sizes });
  print(`On equal trials (${comparison.trials}):`);
  print(figuresTable(comparison.equalTrials));
  print(`\nOn equal working time (${duration(comparison.hours * HOUR_MS)}):`);
  print(figuresTable(comparison.equalWall));
  if (alike.length > 0) {
    print('\nHow alike (1 = the same):');
    const share = (value: number | null) => value?.toFixed(2) ?? '-';
    const rows = alike.map(({ a, b, families, trials, best }) => [a, b, share(families), share(trials), share(best)]);
    print(tableOrLines(['run', 'run', 'families', 'trials', 'returns of the best'], rows));
  }
  print('\nOne change a cycle, or a theme of several trials:');
  const rows = sizes.flatMap(({ tag, sizes: list }) => list.map((one) => [tag, ...sizeCells(one)]));
  print(tableOrLines(['run', ...SIZE_HEAD], rows));
};

function figuresTable(figures: readonly RunFigures[]): string {
  const rows = figures.map((one) => ({
    run: one.tag,
    trials: one.trials,
    cycles: one.cycles,
    'first keep': one.firstKeep ?? '-',
    keeps: one.keeps,
    families: one.families,
    'required Sharpe': one.requiredSharpe?.toFixed(2) ?? '-',
    'best score': one.bestScore?.toFixed(3) ?? '-',
    tokens: one.tokens,
    time: duration(one.hours * HOUR_MS),
  }));
  return tableOf(rows);
}

function pairsOf(runs: readonly ReturnType<typeof readRun>[]): Alikeness[] {
  const histories = runs.map(({ events }) => historyOf(events));
  const readers = runs.map(({ dir, events }) => returnsReader(dir, events));
  return histories.flatMap((a, i) =>
    histories.slice(i + 1).map((b) =>
      // A run that was moved without its objects can still be compared by everything else.
      alikeness(a, b, ({ trial }, of) => attempt(() => readers[histories.indexOf(of)](trial)) ?? null),
    ),
  );
}
