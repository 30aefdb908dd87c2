import { Component, h, render } from 'preact';
import { counted } from '../../base/numbers.ts';
import type { Overview, RowsMessage, TrialRow } from '../view.ts';
import { p, span } from './elements.ts';
import { overviewSections } from './overview.ts';
import { TrialPage } from './trial.ts';
import { Trials } from './trials.ts';
import { ago } from './words.ts';

interface State {
  readonly view: Overview | null;
  /** The harness's clock minus ours. */
  readonly skew: number;
  readonly connected: boolean;
  readonly rows: readonly TrialRow[];
  readonly trial: string;
}

const TICK_MS = 1000;

class App extends Component<object, State> {
  override state: State = { view: null, skew: 0, connected: true, rows: [], trial: location.hash.slice(1) };
  readonly byCycle = new Map<number, readonly TrialRow[]>();
  scroll = 0;
  frame = 0;

  override componentDidMount(): void {
    const stream = new EventSource('stream');
    stream.addEventListener('overview', ({ data }) => {
      const view = JSON.parse(data) as Overview;
      this.setState({ view, skew: view.at - Date.now(), connected: true });
    });
    stream.addEventListener('rows', ({ data }) => {
      for (const [cycle, rows] of (JSON.parse(data) as RowsMessage).cycles) this.byCycle.set(cycle, rows);
      // Many messages come at once when the page is opened: one picture for all of them.
      if (this.frame === 0) this.frame = requestAnimationFrame(() => this.showRows());
    });
    stream.addEventListener('open', () => this.setState({ connected: true }));
    stream.addEventListener('error', () => this.setState({ connected: false }));
    addEventListener('hashchange', () => {
      if (this.state.trial === '') this.scroll = scrollY;
      this.setState({ trial: location.hash.slice(1) }, () => scrollTo(0, this.state.trial === '' ? this.scroll : 0));
    });
    // Times grow older while nothing is sent.
    setInterval(() => this.setState({}), TICK_MS);
  }

  showRows(): void {
    this.frame = 0;
    const cycles = [...this.byCycle].sort(([a], [b]) => b - a);
    this.setState({ rows: cycles.flatMap(([, rows]) => rows.toReversed()) });
  }

  override render() {
    const { view, connected, rows, trial, skew } = this.state;
    if (view === null)
      return h('main', null, p('', connected ? 'Reading the journal …' : 'The harness does not answer.'));
    const now = Date.now() + skew;
    document.title = `${view.tag}: ${counted(view.counts.keep, 'keep')} of ${view.counts.trials}`;
    return [
      h(
        'header',
        null,
        h('h1', null, view.tag),
        span(`state ${view.state}`, view.state),
        span(
          'quiet',
          `${counted(view.counts.keep, 'keep')} of ${counted(view.counts.trials, 'trial')} · last event ${ago(view.lastAt, now)} ago`,
        ),
        !connected && h('span', { class: 'wrong', role: 'alert' }, 'No connection: these figures may be old.'),
      ),
      h(
        'main',
        null,
        trial === ''
          ? [overviewSections(view, now), h(Trials, { rows, metric: view.measured?.metric ?? 'sharpe' })]
          : h(TrialPage, { key: trial, name: trial, view, version: versionOf(rows, trial) }),
      ),
    ];
  }
}

function versionOf(rows: readonly TrialRow[], trial: string): string {
  const row = rows.find((each) => each.trial === trial);
  return row ? `${row.outcome} ${row.route} ${row.holdout}` : '';
}

const app = document.getElementById('app')!;
app.textContent = '';
render(h(App, null), app);
