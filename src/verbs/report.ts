import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { print, printJson, say } from '../base/terminal.ts';
import { readGatesConfig } from '../gates/config.ts';
import { reviewKeep } from '../gates/incumbents.ts';
import { requiredSharpe } from '../gates/stages/deflation.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { openObjects, returnsFromBytes } from '../journal/objects.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { configFolderOf } from '../loop/start/config-folder.ts';
import { readWindowsConfig } from '../market/windows.ts';
import { factsOf } from '../page/facts.ts';
import { reportHtml, reportMarkdown } from '../page/report.ts';
import { searchTables } from '../search/report/report-tables.ts';
import { configPath } from '../task/config-path.ts';

const DAY_MS = 86_400_000;

/** `report [--tag TAG] [--json]`: what was tried, what survived, what it would take. Prints Markdown or the facts; writes report.md and report.html. */
export async function run(args: string[]): Promise<ExitCode> {
  const root = join(import.meta.dirname, '../..');
  const { values } = parseArgs({
    args,
    options: {
      tag: { type: 'string' },
      runs: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const dir = runFolder(values.runs ?? join(root, 'runs'), values.tag);
  const events = readJournal(join(dir, 'journal.jsonl'));
  const facts = factsOf(events);
  const options = {
    requiredSharpe: sharpeNow(
      (name) => configPath(root, values.config ?? configFolderOf(events, root), name),
      facts.status.trials,
    ),
    review: reviewer(
      (name) => configPath(root, values.config ?? configFolderOf(events, root), name),
      facts.status.trials,
    ),
    returnsOf: returnsReader(dir, events),
    more: searchTables(events),
  };
  const markdown = reportMarkdown(facts, options);
  writeFileAtomic(join(dir, 'report.md'), markdown);
  writeFileAtomic(join(dir, 'report.html'), reportHtml(facts, options));
  if (values.json) {
    const { rows: _, progress: __, ...told } = facts;
    printJson({ ...told, requiredSharpe: options.requiredSharpe });
  } else print(markdown);
  say(`written: ${join(dir, 'report.md')} and report.html (with drawn curves)`);
  return EXIT.done;
}

function sharpeNow(pathOf: (name: string) => string, trials: number): number | null {
  try {
    const gates = readGatesConfig(pathOf('gates.yaml'));
    const { train } = readWindowsConfig(pathOf('windows.yaml'));
    return requiredSharpe((train.to - train.from) / DAY_MS, Math.max(1, trials), gates.deflation);
  } catch {
    return null;
  }
}

function reviewer(pathOf: (name: string) => string, trials: number): (row: ResultRow) => string {
  try {
    const { deflation } = readGatesConfig(pathOf('gates.yaml'));
    return ({ metrics }) => {
      const { luck, provisional } = reviewKeep(metrics, trials, deflation);
      return `${provisional ? 'PROVISIONAL: ' : ''}luck shows this in ${(luck * 100).toFixed(0)}% of searches`;
    };
  } catch {
    return () => '';
  }
}

function returnsReader(dir: string, events: readonly RunEvent[]): (trial: string) => Float64Array {
  const objects = openObjects(dir);
  const names = new Map(
    events.flatMap((event) => (event.type === 'trial.finished' ? [[event.trial, event.returnsSha256]] : [])),
  );
  return (trial) => {
    const name = names.get(trial);
    return name ? returnsFromBytes(objects.get(name)) : new Float64Array();
  };
}
