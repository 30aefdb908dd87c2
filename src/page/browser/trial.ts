import { Component, type ComponentChildren, createRef, h } from 'preact';
import { jsonIn } from '../../base/json.ts';
import { duration, isoDay, percent } from '../../base/numbers.ts';
import type { CodeFile, GateLine, Overview, TrialView } from '../view.ts';
import { asked } from './asked.ts';
import { Curves } from './chart.ts';
import { p, span, strong } from './elements.ts';
import { badgeOf, facts } from './overview.ts';
import { type Entry, symbolsPart, transcriptPart, tunedPart } from './parts.ts';
import { Promote } from './steer.ts';
import { TapePart } from './tape.ts';
import { large, maybe } from './words.ts';

interface Props {
  readonly name: string;
  /** Changes when the rows of its cycle change: then it is read again. */
  readonly version: string;
  readonly view: Overview;
}

interface State {
  readonly trial: TrialView | null;
  readonly problem: string;
  readonly transcript: readonly Entry[] | null;
}

const PERCENTS = new Set(['maxDrawdown', 'annualReturn', 'volatility', 'exposure', 'winRate', 'expectedShortfall']);

/** One trial: curves, gates, parameters, code against its parent, what the model said. */
export class TrialPage extends Component<Props, State> {
  override state: State = { trial: null, problem: '', transcript: null };
  readonly heading = createRef<HTMLHeadingElement>();

  override componentDidMount(): void {
    this.heading.current?.focus();
    void this.load();
  }

  override componentDidUpdate({ version }: Props): void {
    if (version !== this.props.version) void this.load();
  }

  async load(): Promise<void> {
    const { answer, problem } = await asked<TrialView>(`trial/${encodeURIComponent(this.props.name)}`);
    this.setState(answer ? { trial: answer, problem } : { problem });
  }

  async readTranscript(cycle: number): Promise<void> {
    if (this.state.transcript) return;
    const { answer = '' } = await asked<string>(`transcript/${cycle}`);
    const entries = answer.split('\n').flatMap((line) => (jsonIn(line) as Entry | undefined) ?? []);
    this.setState({ transcript: entries });
  }

  override render() {
    const { name, view } = this.props;
    const { trial, problem, transcript } = this.state;
    return h(
      'article',
      null,
      p('', h('a', { href: '#' }, '← All trials')),
      h('h2', { tabIndex: -1, ref: this.heading }, `Trial ${name}`),
      problem && h('p', { class: 'wrong', role: 'alert' }, problem),
      trial &&
        h(
          'div',
          { class: 'grid' },
          part('What it was', headPart(trial, view), 'wide'),
          trial.curve && part('Equity and drawdown', curvePart(trial), 'wide'),
          trial.curve && part('Trades', h(TapePart, { trial: trial.trial }), 'wide'),
          trial.gates.length > 0 && part('Gates', gatesPart(trial.gates), 'wide'),
          trial.symbols && part('By symbol', symbolsPart(trial.symbols), 'wide'),
          trial.tuned && part('What it was tuned to', tunedPart(trial.tuned), 'wide'),
          part('Parameters', facts(Object.entries(trial.params).map(([key, value]) => [key, String(value)]))),
          part('Figures on train', metricsPart(trial)),
          ...trial.files.map((file) => part(file.name, codePart(file, trial.parent), 'wide')),
          part(
            'Transcript',
            h(
              'details',
              { onToggle: () => void this.readTranscript(trial.cycle) },
              h('summary', null, `What cycle ${trial.cycle} said and did`),
              transcript === null ? p('', 'Reading …') : transcriptPart(transcript),
            ),
            'wide',
          ),
        ),
    );
  }
}

function part(title: string, children: ComponentChildren, kind = '') {
  return h('section', { key: title, class: `card ${kind}` }, h('h3', null, title), children);
}

function headPart(trial: TrialView, view: Overview) {
  const { outcome, route, holdout } = trial;
  return [
    p(
      '',
      strong(outcome, outcome),
      route ? ` · next: ${route} ` : ' ',
      holdout && span(`badge ${badgeOf(holdout.answer)}`, `holdout ${holdout.answer}`),
    ),
    facts([
      ['Family', trial.family],
      ['Candidate', trial.candidate],
      ['Hypothesis', trial.hypothesis],
      trial.refutedIf && ['Refuted if', trial.refutedIf],
      ['Asked for', `${trial.directive}: ${trial.directiveWhy}`],
      ...trial.lessons.map((text) => ['Lesson', text] as const),
      trial.summary && ['The session said', trial.summary],
      ...trial.hints.map(({ text }) => ['Hint', text] as const),
      holdout && [
        'Holdout',
        `${holdout.answer}; Sharpe ${maybe(holdout.sharpe)}, smallest it could have seen ${maybe(holdout.detectable)}`,
      ],
      holdout && ['Sharpe at selection', maybe(trial.selectionSharpe)],
      ['N', String(trial.n)],
      [
        'Cost',
        `${trial.seconds === null ? '–' : duration(trial.seconds * 1000)} of evaluation, ${large(trial.tokens)} tokens in its cycle`,
      ],
      ['Commit', trial.commit?.slice(0, 12) ?? 'not committed yet'],
    ]),
    outcome === 'keep' &&
      !holdout &&
      h(Promote, { trial: trial.trial, holdout: view.bar.holdout, can: view.canPromote }),
  ];
}

function curvePart({ curve, windows, trial }: TrialView) {
  const [train, ...others] = windows;
  const end = curve?.equity.at(-1) ?? 1;
  const worst = Math.min(0, ...(curve?.drawdown ?? []));
  const label = `Equity of ${trial} on train: from 1 to ${end.toFixed(3)}, worst drawdown ${percent(-worst)}`;
  return [
    train && p('quiet', `All of it is train, ${isoDay(train.from)} to ${isoDay(train.to)}; log scale, days in UTC.`),
    curve && h(Curves, { curve, windows, label }),
    others.length > 0 &&
      p(
        'quiet',
        `Hatched, held back and not drawn: ${others.map(({ name, from, to }) => `${name} ${isoDay(from)} to ${isoDay(to)}`).join('; ')}.`,
      ),
  ];
}

/** Where the value lies against the threshold, which stands in the middle of its track. */
function gatesPart(gates: readonly GateLine[]) {
  return h(
    'ol',
    { class: 'ladder' },
    gates.map(({ gate, passed, value, threshold, side, text }) => {
      const at = 50 + 50 * marginOf(value, threshold, side);
      const track =
        value === null || threshold === null || side === 'none'
          ? null
          : h(
              'svg',
              { viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
              h('rect', { class: 'track', x: 0, y: 3, width: 100, height: 2 }),
              h('rect', {
                class: passed ? 'pass' : 'fail',
                x: Math.min(50, at),
                y: 2,
                width: Math.max(0.5, Math.abs(at - 50)),
                height: 4,
              }),
              h('rect', { class: 'threshold', x: 49.6, y: 0, width: 0.8, height: 8 }),
            );
      return h(
        'li',
        { key: gate, class: passed ? 'passed' : 'failed' },
        span(passed ? 'right' : 'wrong', passed ? 'pass' : 'fail'),
        span('gate', gate),
        span('text', text),
        track,
      );
    }),
  );
}

function marginOf(value: number | null, threshold: number | null, side: GateLine['side']): number {
  if (value === null || threshold === null) return 0;
  const margin = (value - threshold) / (Math.abs(threshold) || 1);
  return Math.max(-1, Math.min(1, side === 'max' ? -margin : margin));
}

function metricsPart({ metrics }: TrialView) {
  return facts(
    Object.entries(metrics)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, PERCENTS.has(name) ? percent(value) : maybe(value)]),
  );
}

function codePart({ text, diff }: CodeFile, parent: string | null) {
  const whole = h('pre', { tabIndex: 0 }, h('code', null, text));
  if (diff === null) return [p('quiet', 'It has no parent in this run.'), whole];
  if (diff.length === 0) return [p('quiet', `The same as in its parent ${parent}.`), whole];
  return [
    p('quiet', 'Against its parent ', h('a', { href: `#${parent}` }, parent), ':'),
    h(
      'pre',
      { tabIndex: 0, class: 'diff' },
      diff.map((line, i) => {
        const kind = line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : 'span';
        return h(kind, { key: i }, `${line}\n`);
      }),
    ),
    h('details', null, h('summary', null, 'The whole file'), whole),
  ];
}
