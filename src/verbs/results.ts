import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { print, printJson, say, table } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { rowsOf } from '../journal/projections/rows.ts';
import { number, reasonText } from '../journal/projections/text.ts';
import { fitted } from '../tracking/width.ts';

/** `results [--tag TAG] [--json] [--last N]`: every trial and what became of it. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      tag: { type: 'string' },
      runs: { type: 'string' },
      json: { type: 'boolean' },
      last: { type: 'string' },
    },
  });
  const dir = runFolder(values.runs ?? join(import.meta.dirname, '../../runs'), values.tag);
  const all = rowsOf(readJournal(join(dir, 'journal.jsonl')));
  const rows = values.last ? all.slice(-Number(values.last)) : all;
  if (values.json) {
    printJson(rows);
    return EXIT.done;
  }
  if (rows.length === 0) say('no trial has finished yet');
  else {
    const head = ['cycle', 'trial', 'outcome', 'route', 'sharpe', 'family', 'reason'];
    const lines = rows.map((row) => [
      row.cycle,
      row.trial ?? '-',
      row.outcome.toUpperCase(),
      row.route ?? '',
      typeof row.metrics.sharpe === 'number' ? number(row.metrics.sharpe) : '-',
      row.family ?? '-',
      row.reasons[0] ? reasonText(row.reasons[0]) : '',
    ]);
    for (const line of table(head, lines).split('\n')) print(fitted(line));
  }
  return EXIT.done;
}
