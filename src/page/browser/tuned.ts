import { h } from 'preact';
import type { TunedView } from '../view.ts';

/** In-sample against out-of-fold, part by part, the parameters over time, the response surface. */
export function tunedPart({ problem, note, head, rows, pictures }: TunedView) {
  if (problem !== null) return h('p', { class: 'wrong' }, problem);
  return [
    h('p', { class: 'quiet' }, note),
    h(
      'div',
      { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': 'Parts of train' },
      h(
        'table',
        null,
        h('thead', null, h('tr', null, ...head.map((name) => h('th', { scope: 'col' }, name)))),
        h('tbody', null, ...rows.map((row) => h('tr', null, ...row.map((cell) => h('td', null, cell))))),
      ),
    ),
    h(
      'div',
      { class: 'pictures' },
      ...pictures.map(({ title, svg }) =>
        h(
          'figure',
          null,
          h('figcaption', null, title),
          h('img', { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: title }),
        ),
      ),
    ),
  ];
}
