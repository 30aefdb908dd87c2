import { h } from 'preact';
import { percent } from '../../base/numbers.ts';
import type { TrialView } from '../view.ts';
import { maybe } from './words.ts';

/** What each symbol of a universe did: a table, best first. */
export function symbolsPart(symbols: NonNullable<TrialView['symbols']>) {
  const head = ['symbol', 'profit', 'of the net profit', 'turnover a year', 'exposure'];
  return [
    h(
      'p',
      { class: 'quiet' },
      'On train. Profit is a share of the starting cash; one symbol with all of the profit is one bet.',
    ),
    h(
      'div',
      { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': 'Symbols' },
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            head.map((name) => h('th', { key: name, scope: 'col' }, name)),
          ),
        ),
        h(
          'tbody',
          null,
          symbols.map(({ symbol, profit, share, turnover, exposure }) =>
            h(
              'tr',
              { key: symbol },
              h('th', { scope: 'row' }, symbol),
              [percent(profit), share === null ? '–' : percent(share), maybe(turnover), percent(exposure)].map(
                (text, k) => h('td', { key: head[k + 1] }, text),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}
