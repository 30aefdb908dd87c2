import { print, printJson, say, table } from '../base/draw/terminal.ts';
import { number } from '../base/numbers.ts';
import { changesOf, measuredBy } from '../journal/projections/measured.ts';
import { rowsOf } from '../journal/projections/rows.ts';
import { shortReason } from '../journal/projections/text.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { readRun } from './run.ts';
import type { Handler } from './table/table.ts';

/** Every trial and what became of it. */
export const results: Handler<'results'> = async ({ tag, last, runs, json }) => {
  const { events } = readRun(tag, runs);
  const all = rowsOf(events);
  const rows = last === undefined ? all : all.slice(-last);
  const { holdoutAnswers } = stateOf(events);
  const holdout = (trial: string | null) => holdoutAnswers.get(trial ?? '');
  if (json) printJson(rows.map((row) => ({ ...row, holdout: holdout(row.trial) })));
  else if (rows.length === 0) say('no trial has finished yet');
  else {
    const measured = measuredBy(events);
    const numbers = measured ? [measured.metric, 'baseline', 'best'] : ['sharpe'];
    const head = ['trial', 'outcome', 'next', ...numbers, 'family', 'reason'];
    const lines = rows.map((row) => [
      row.trial ?? String(row.cycle).padStart(4, '0'),
      row.outcome.toUpperCase(),
      row.route ?? '',
      ...(measured ? changesOf(row) : [typeof row.metrics.sharpe === 'number' ? number(row.metrics.sharpe) : '-']),
      row.family ?? '-',
      holdout(row.trial) ? `holdout: ${holdout(row.trial)}` : row.reasons[0] ? shortReason(row.reasons[0]) : '',
    ]);
    print(table(head, lines));
  }
};
