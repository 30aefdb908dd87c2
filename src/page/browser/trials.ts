import { Component, h } from 'preact';
import type { TrialRow } from '../view.ts';
import { button, table } from './elements.ts';
import { badgeOf } from './overview.ts';
import { maybe } from './words.ts';

/** Rows that are added at a time: on a phone each takes several lines. */
const PAGE = matchMedia('(max-width: 600px)').matches ? 25 : 100;
const FILTERS = ['outcome', 'gate', 'family', 'hint'] as const;
type Filter = (typeof FILTERS)[number];

interface State {
  readonly search: string;
  readonly chosen: Readonly<Record<Filter, string>>;
  readonly shown: number;
}

const ANY: State['chosen'] = { outcome: '', gate: '', family: '', hint: '' };

/** All trials, newest first: searchable, filtered, a page at a time. */
export class Trials extends Component<{ rows: readonly TrialRow[]; metric: string }, State> {
  override state: State = { search: '', chosen: ANY, shown: PAGE };

  override shouldComponentUpdate(next: { rows: readonly TrialRow[] }, state: State): boolean {
    return next.rows !== this.props.rows || state !== this.state;
  }

  override render() {
    const { rows } = this.props;
    const { search, chosen, shown } = this.state;
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter((row) => fits(row, chosen) && words.every((word) => textOf(row).includes(word)));
    return h(
      'section',
      { class: 'card wide', 'aria-labelledby': 's-trials' },
      h('h2', { id: 's-trials' }, 'All trials'),
      h(
        'div',
        { class: 'filters', role: 'search' },
        h(
          'label',
          null,
          'Search ',
          h('input', {
            type: 'search',
            value: search,
            onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
              this.setState({ search: currentTarget.value, shown: PAGE }),
          }),
        ),
        FILTERS.map((name) => this.filter(name, rows)),
      ),
      h('p', { class: 'quiet', role: 'status' }, `${found.length} of ${rows.length}`),
      found.length > 0 && rowsTable(found.slice(0, shown), this.props.metric),
      found.length > shown &&
        button(`Show ${Math.min(PAGE, found.length - shown)} more`, () => this.setState({ shown: shown + PAGE }), {
          key: 'more',
        }),
    );
  }

  filter(name: Filter, rows: readonly TrialRow[]) {
    const values = [...new Set(rows.flatMap((row) => valuesOf(row, name)))].sort();
    if (values.length === 0) return null;
    const choose = ({ currentTarget }: { currentTarget: HTMLSelectElement }) =>
      this.setState({ chosen: { ...this.state.chosen, [name]: currentTarget.value }, shown: PAGE });
    return h(
      'label',
      { key: name },
      `${name[0].toUpperCase()}${name.slice(1)} `,
      h(
        'select',
        { value: this.state.chosen[name], onChange: choose },
        h('option', { value: '' }, 'any'),
        values.map((value) => h('option', { key: value, value }, value)),
      ),
    );
  }
}

function fits(row: TrialRow, chosen: State['chosen']): boolean {
  return FILTERS.every((name) => chosen[name] === '' || valuesOf(row, name).includes(chosen[name]));
}

function valuesOf(row: TrialRow, name: Filter): readonly string[] {
  if (name === 'hint') return row.hints;
  const value = row[name];
  return value ? [value] : [];
}

const texts = new WeakMap<TrialRow, string>();

function textOf(row: TrialRow): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = [row.trial, row.family, row.outcome, row.gate, row.why, row.route].join(' ').toLowerCase();
  texts.set(row, text);
  return text;
}

function rowsTable(rows: readonly TrialRow[], metric: string) {
  const head = ['trial', 'outcome', 'next', 'family', metric, 'why'];
  const cell = (name: string) => h('th', { key: name, scope: 'col', class: name === metric ? 'number' : name }, name);
  return table(head.map(cell), rows.map(line));
}

function line({ trial, cycle, outcome, route, family, value, change, why, holdout }: TrialRow) {
  const name = trial ?? `cycle ${cycle}`;
  const number = change === null ? maybe(value, 2) : `${maybe(value && Number(value.toPrecision(4)))}, ${change}`;
  const verdict = holdout && h('span', { class: `badge ${badgeOf(holdout)}` }, `holdout ${holdout}`);
  return h(
    'tr',
    { key: name },
    h('td', { class: 'trial' }, trial ? h('a', { href: `#${trial}` }, trial) : name),
    h('td', { class: `outcome ${outcome}` }, outcome, verdict),
    h('td', { class: 'next' }, route ?? ''),
    h('td', { class: 'family' }, family ?? ''),
    h('td', { class: 'number' }, number),
    h('td', { class: 'why' }, why),
  );
}
