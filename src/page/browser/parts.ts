import { h } from 'preact';
import { percent } from '../../base/numbers.ts';
import type { TrialView, TunedView } from '../view.ts';
import { div, p, strong, wideTable } from './elements.ts';
import { maybe } from './words.ts';

/** What each symbol of a universe did: a table, best first. */
export function symbolsPart(symbols: NonNullable<TrialView['symbols']>) {
  const rows = symbols.map(({ symbol, profit, share, turnover, exposure }) => [
    h('th', { scope: 'row' }, symbol),
    percent(profit),
    share === null ? '–' : percent(share),
    maybe(turnover),
    percent(exposure),
  ]);
  return [
    p('quiet', 'On train. Profit is a share of the starting cash; one symbol with all of the profit is one bet.'),
    wideTable('Symbols', ['symbol', 'profit', 'of the net profit', 'turnover a year', 'exposure'], rows),
  ];
}

/** In-sample against out-of-fold, part by part, the parameters over time, the response surface. */
export function tunedPart({ problem, note, head, rows, pictures }: TunedView) {
  if (problem !== null) return p('wrong', problem);
  const drawn = pictures.map(({ title, svg }) => {
    const image = h('img', { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: title });
    return h('figure', null, h('figcaption', null, title), image);
  });
  return [p('quiet', note), wideTable('Parts of train', head, rows), div('pictures', ...drawn)];
}

/** One line of a session's transcript. */
export interface Entry {
  readonly at: number;
  readonly kind: string;
  readonly data: unknown;
}

/** Letters of an entry that are shown. */
const MOST_ENTRY = 6000;

/** What the model and the harness said in a session. */
export function transcriptPart(entries: readonly Entry[]) {
  if (entries.length === 0) return p('quiet', 'This cycle has no transcript yet.');
  const told = entries.map(({ kind, data }, i) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data, null, 1).replaceAll('\\n', '\n');
    const left = text.length - MOST_ENTRY;
    const shown = left > 0 ? `${text.slice(0, MOST_ENTRY)}\n… ${left} more letters` : text;
    return h('li', { key: i }, strong('', kind), h('pre', { tabIndex: 0 }, shown));
  });
  return h('ol', { class: 'transcript' }, told);
}
