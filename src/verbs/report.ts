import { join } from 'node:path';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { writeFileAtomic } from '../base/files.ts';
import { percent } from '../base/numbers.ts';
import { plainText } from '../base/plain.ts';
import { returnsReader } from '../journal/objects.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { factsOf } from '../page/facts.ts';
import { forwardTables } from '../page/forward.ts';
import { reportHtml, reportMarkdown, reportText } from '../page/report.ts';
import { tunedTrials } from '../page/tuned.ts';
import { searchTables } from '../search/report/report-tables.ts';
import { readRun } from './run.ts';
import { type Reviewed, spentNow, standingOf } from './standing.ts';
import type { Handler } from './table/table.ts';

/** What was tried, what survived, what it would take. Prints it as text, or the facts as JSON; writes report.md and report.html. */
export const report: Handler<'report'> = async ({ tag, config, runs, json }) => {
  const { dir, events } = readRun(tag, runs);
  const own = factsOf(events);
  const { n, looks, review, ...standing } = standingOf(events, config, await spentNow(events, config));
  // What was forgotten after the run ended is told as well.
  const forgotten = [...new Set([...own.forgotten, ...standing.forgotten])];
  const facts = { ...own, forgotten, status: { ...own.status, n } };
  const options = {
    requiredSharpe: looks.requiredSharpe,
    review: ({ metrics }: ResultRow) => (review ? reviewText(review(metrics)) : ''),
    returnsOf: returnsReader(dir, events),
    tuned: tunedTrials(dir, events),
    more: [...forwardTables(dir), ...searchTables(events)],
  };
  writeFileAtomic(join(dir, 'report.md'), plainText(reportMarkdown(facts, options)));
  writeFileAtomic(join(dir, 'report.html'), reportHtml(facts, options));
  if (json) {
    const { rows: _, progress: __, holdout, ...told } = facts;
    const tuned = options.tuned.map(({ trial, tuned: { surface: _, axes: __, ...rest } }) => ({ trial, ...rest }));
    printJson({ ...told, holdout: Object.fromEntries(holdout), requiredSharpe: options.requiredSharpe, tuned });
  } else print(reportText(facts, options));
  say(`written: ${join(dir, 'report.md')} and report.html (with drawn curves)`);
};

function reviewText({ luck, provisional }: Reviewed): string {
  return `${percent(luck, 0)}${provisional ? ', PROVISIONAL' : ''}`;
}
