import { Component, h } from 'preact';
import { duration, isoMinute } from '../../base/numbers.ts';
import type { Tape, TapeTrade } from '../tape.ts';
import { asked } from './asked.ts';
import { Candles } from './candles.ts';
import { button, div, p, span } from './elements.ts';
import { facts } from './overview.ts';
import { maybe } from './words.ts';

interface State {
  readonly tape: Tape | null;
  readonly problem: string;
  readonly opened: boolean;
}

/** The trades of a trial on the candles of its market: played again only when somebody opens it. */
export class TapePart extends Component<{ readonly trial: string }, State> {
  override state: State = { tape: null, problem: '', opened: false };

  async load(query: Readonly<Record<string, string | number>> = {}): Promise<void> {
    this.setState({ opened: true, problem: '' });
    const stretch = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    const { answer, problem } = await asked<Tape>(`tape/${encodeURIComponent(this.props.trial)}?${stretch}`);
    this.setState(answer ? { tape: answer } : { problem });
  }

  /** Shows another stretch: its middle moved by a share of its length, its length multiplied. */
  move(shift: number, stretch: number): void {
    const { tape } = this.state;
    if (tape === null) return;
    const length = tape.to - tape.from;
    const middle = (tape.from + tape.to) / 2 + shift * length;
    void this.show(tape.symbol, middle - (length * stretch) / 2, middle + (length * stretch) / 2);
  }

  show(symbol: string, from: number, to: number): Promise<void> {
    return this.load({ symbol, from: Math.round(from), to: Math.round(to) });
  }

  override render() {
    const { tape, problem, opened } = this.state;
    return h(
      'details',
      { onToggle: () => opened || void this.load() },
      h('summary', null, 'Show them on the candles: the trial is played once more'),
      problem && h('p', { class: 'wrong', role: 'alert' }, problem),
      tape === null ? !problem && h('p', { role: 'status' }, 'Playing it …') : this.shown(tape),
    );
  }

  shown(tape: Tape) {
    const { symbols, symbol, window, from, to, interval, fills, fillsLeftOut, trades, tradesLeftOut } = tape;
    return [
      div(
        'buttons',
        button('Earlier', () => this.move(-0.5, 1)),
        button('Later', () => this.move(0.5, 1)),
        button('Closer', () => this.move(0, 0.4)),
        button('Wider', () => this.move(0, 2.5)),
        button('All of train', () => this.show(symbol, window.from, window.to)),
        symbols.length > 1 &&
          symbols.map((each) => button(each, () => this.show(each, from, to), { 'aria-pressed': each === symbol })),
      ),
      h(
        'p',
        { class: 'quiet', role: 'status' },
        `${symbol}, ${isoMinute(from)} to ${isoMinute(to)} UTC; ${tape.times.length} candles of ${duration(interval)}, ${fills.length} fills`,
        fillsLeftOut > 0 && ` and ${fillsLeftOut} that are not drawn`,
        '. Mark a stretch with the mouse to look closer.',
      ),
      h(Candles, { tape, onMarked: (first: number, last: number) => void this.show(symbol, first, last) }),
      h('h4', null, 'Closed trades, the newest first'),
      trades.length === 0 && p('quiet', 'None.'),
      h(
        'ul',
        { class: 'plain trades', tabIndex: 0, 'aria-label': 'closed trades' },
        trades.map((trade) => this.tradeLine(tape, trade)),
      ),
      tradesLeftOut > 0 && p('quiet', `${tradesLeftOut} older ones are left out.`),
      facts([['Not shown', 'Selection and holdout: their bars stay closed.']]),
    ];
  }

  tradeLine({ symbol }: Tape, { side, entryAt, exitAt, entryPrice, exitPrice, profit }: TapeTrade) {
    const around = Math.max(3_600_000, exitAt - entryAt);
    return h(
      'li',
      { key: `${entryAt} ${exitAt}` },
      button(`${isoMinute(entryAt)} ${side}`, () => this.show(symbol, entryAt - around, exitAt + around)),
      ` ${duration(exitAt - entryAt)}, ${maybe(entryPrice)} → ${maybe(exitPrice)}, `,
      span(profit > 0 ? 'right' : 'wrong', `${profit > 0 ? 'won' : 'lost'} ${maybe(Math.abs(profit))}`),
    );
  }
}
