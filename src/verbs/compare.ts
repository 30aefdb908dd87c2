import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { print, printJson, say, table } from '../base/terminal.ts';
import type { RunEvent } from '../journal/events.ts';
import { readJournal } from '../journal/journal.ts';
import { openObjects, returnsFromBytes } from '../journal/objects.ts';
import { historyOf } from '../search/memory/history.ts';
import { type Alikeness, alikeness } from '../search/report/alike.ts';
import { compareRuns, type RunFigures, yieldBySize } from '../search/report/compare.ts';
import { compareSvg } from '../search/report/compare-svg.ts';
import { journalOf } from '../search/runs.ts';

/** `ralph compare TAG TAG… [--svg FILE] [--json]`: runs side by side on equal trials and on equal working time. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: join(import.meta.dirname, '../../runs') },
      svg: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) {
    throw new RalphError('compare: no run named', {
      remedy: 'Write: npm run ralph -- compare TAG TAG…',
      exitCode: EXIT.usage,
    });
  }
  const paths = positionals.map((tag) => journalOf(values.runs, tag));
  const runs = paths.map((path) => readJournal(path));
  const comparison = compareRuns(runs);
  const alike = pairsOf(paths, runs);
  const sizes = runs.map((events) => ({ tag: historyOf(events).tag, sizes: yieldBySize(historyOf(events)) }));
  if (values.svg) {
    writeFileAtomic(values.svg, compareSvg(runs));
    say(`picture: ${values.svg}`);
  }
  if (values.json) {
    printJson({ ...comparison, alike, sizes });
    return EXIT.done;
  }
  print(`On equal trials (${comparison.trials}):`);
  print(figuresTable(comparison.equalTrials));
  print(`\nOn equal working time (${duration(comparison.hours)}):`);
  print(figuresTable(comparison.equalWall));
  if (alike.length > 0) {
    print('\nHow alike (1 = the same):');
    const rows = alike.map((one) => [
      one.a,
      one.b,
      one.families.toFixed(2),
      one.trials.toFixed(2),
      one.best?.toFixed(2) ?? '-',
    ]);
    print(table(['run', 'run', 'families', 'trials', 'returns of the best'], rows));
  }
  print('\nOne change a cycle, or a theme of several trials:');
  const rows = sizes.flatMap(({ tag, sizes: list }) =>
    list.map((one) => [
      tag,
      one.size,
      one.cycles,
      one.trials,
      one.keeps,
      (one.keeps / one.trials).toFixed(3),
      one.bestReward.toFixed(2),
    ]),
  );
  print(table(['run', 'trials a cycle', 'cycles', 'trials', 'keeps', 'keeps a trial', 'reward of the best'], rows));
  return EXIT.done;
}

function figuresTable(figures: readonly RunFigures[]): string {
  const head = [
    'run',
    'trials',
    'cycles',
    'first keep',
    'keeps',
    'families',
    'kept',
    'required Sharpe',
    'best score',
    'tokens',
    'time',
  ];
  const rows = figures.map((one) => [
    one.tag,
    one.trials,
    one.cycles,
    one.firstKeep ?? '-',
    one.keeps,
    one.families,
    one.keptFamilies,
    one.requiredSharpe?.toFixed(2) ?? '-',
    one.bestScore?.toFixed(3) ?? '-',
    one.tokens,
    duration(one.hours),
  ]);
  return table(head, rows);
}

function duration(hours: number): string {
  return hours < 1 ? `${(60 * hours).toFixed(1)} min` : `${hours.toFixed(2)} h`;
}

function pairsOf(paths: readonly string[], runs: readonly (readonly RunEvent[])[]): Alikeness[] {
  const histories = runs.map((events) => historyOf(events));
  const objects = paths.map((path) => openObjects(dirname(path)));
  return histories.flatMap((a, i) =>
    histories.slice(i + 1).map((b) =>
      alikeness(a, b, ({ returnsSha256 }, of) => {
        try {
          return returnsSha256 === null ? null : returnsFromBytes(objects[histories.indexOf(of)].get(returnsSha256));
        } catch {
          // A run that was moved without its objects can still be compared by everything else.
          return null;
        }
      }),
    ),
  );
}
