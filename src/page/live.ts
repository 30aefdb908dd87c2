import { join } from 'node:path';
import { number } from '../base/numbers.ts';
import { escapeXml } from '../base/svg.ts';
import { knowledgeLine } from '../gates/knowledge.ts';
import type { RunEvent } from '../journal/events.ts';
import { bestText } from '../journal/projections/status.ts';
import { reasonText } from '../journal/projections/text.ts';
import { replaceFile } from '../journal/replace-file.ts';
import { factsOf, type RunFacts } from './facts.ts';
import { htmlTable, page } from './html.ts';
import { htmlSection, progressChart } from './report.ts';
import { tablesOf } from './tables.ts';

const REFRESH_SECONDS = 10;
const LAST_ROWS = 60;
/** The page is written at most this often, and in at most this share of the time. */
const EVERY_MS = 3000;
const MOST_SHARE = 1 / 50;

/** When the page of a journal may be made again, by the steady clock. */
const due = new WeakMap<readonly RunEvent[], number>();

/** Writes `index.html` into the run folder, a page without scripts that reloads itself. `whole` writes it even if it was just written. */
export function writePage(runDir: string, events: readonly RunEvent[], options: { whole?: boolean } = {}): void {
  const start = performance.now();
  if (!options.whole && start < (due.get(events) ?? 0)) return;
  replaceFile(join(runDir, 'index.html'), livePage(factsOf(events)));
  const end = performance.now();
  due.set(events, end + Math.max(EVERY_MS, (end - start) / MOST_SHARE));
}

function livePage(facts: RunFacts): string {
  const { status, rows, known } = facts;
  const [keeps, , , families] = tablesOf(facts, null);
  const state = status.ended
    ? `ended: ${status.ended.reason}`
    : status.phase
      ? `cycle ${status.phase.cycle} (${status.phase.directive}): ${status.phase.step}`
      : 'between cycles';
  const faults = Object.entries(status.faults).map(([name, count]) => `${count} ${name}`);
  return page(
    `${status.tag}: ${status.outcomes.keep} keep of ${status.trials}`,
    [
      `<h1>${escapeXml(status.tag)}: ${escapeXml(state)}</h1>`,
      `<p>${status.cycles} cycles, ${status.trials} trials, N = ${status.n}: <span class="keep">${status.outcomes.keep} keep</span>, ${status.outcomes.discard} discard, ${status.outcomes.crash} crash. Best: ${escapeXml(bestText(status))}. Faults: ${escapeXml(faults.join(', ') || 'none')}. Hints not answered: ${status.hintsOpen}. As of ${new Date(status.lastAt).toISOString()}.</p>`,
      ...(known ? [`<p>${escapeXml(knowledgeLine(known))}</p>`] : []),
      htmlSection(keeps),
      progressChart(facts),
      '<h2>Last trials</h2>',
      htmlTable(
        ['trial', 'outcome', 'next', 'family', 'sharpe', 'why'],
        rows
          .slice(-LAST_ROWS)
          .toReversed()
          .map((row) => [
            row.trial ?? `cycle ${row.cycle}`,
            row.outcome,
            row.route ?? '',
            row.family ?? '',
            row.metrics.sharpe == null ? '-' : number(row.metrics.sharpe),
            row.reasons[0] ? reasonText(row.reasons[0]) : '',
          ]),
      ),
      htmlSection(families),
    ],
    status.ended ? null : REFRESH_SECONDS,
  );
}
