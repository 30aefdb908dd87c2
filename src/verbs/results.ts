import { join } from 'node:path';
import { EXIT } from '../base/errors.ts';
import { number } from '../base/numbers.ts';
import { print, printJson, say, table } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { rowsOf } from '../journal/projections/rows.ts';
import { reasonText } from '../journal/projections/text.ts';
import { fitted } from '../tracking/width.ts';
import type { Handler } from './table/table.ts';

/** Every trial and what became of it. */
export const results: Handler<'results'> = async ({ tag, last, runs, json }) => {
  const all = rowsOf(readJournal(join(runFolder(runs, tag), 'journal.jsonl')));
  const rows = last === undefined ? all : all.slice(-last);
  if (json) printJson(rows);
  else if (rows.length === 0) say('no trial has finished yet');
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
};
