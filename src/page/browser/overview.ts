import { type ComponentChildren, h } from 'preact';
import { counted, percent } from '../../base/numbers.ts';
import type { BudgetLine, ForwardLine, Health, HintLine, Keep, Overview } from '../view.ts';
import { div, lines, p, span, strong, ul } from './elements.ts';
import { HintForm, Steering, Withdraw } from './steer.ts';
import { ago, clock, counts, large, maybe } from './words.ts';

const STATES: Record<Overview['state'], string> = {
  running: 'Running',
  paused: 'Paused',
  stopping: 'Stopping at the next step',
  killed: 'Not running',
  ended: 'Ended',
  empty: 'Empty',
};

/** Everything above the table of trials. `now` is the harness's clock. */
export function overviewSections(view: Overview, now: number) {
  return div(
    'columns',
    section('Now', nowPart(view, now), 'now'),
    section('Keeps', keepsPart(view)),
    section('What it takes', barPart(view, now)),
    section('Next', [
      p('', strong('', view.next.route), view.next.why ? ` · ${view.next.why}` : ''),
      view.next.search && p('quiet', `The search is ${view.next.search}.`),
    ]),
    section('Hints', hintsPart(view, now)),
    section('Model', healthPart(view.health, view.model)),
    section('Faults', faultsPart(view)),
    view.fleet.length > 0 &&
      section(
        'Workers and islands',
        view.fleet.map((line) => h('p', { key: line }, line)),
      ),
  );
}

function section(title: string, children: ComponentChildren, kind = '') {
  const id = `s-${title.toLowerCase().replaceAll(' ', '-')}`;
  return h('section', { key: id, class: `card ${kind}`, 'aria-labelledby': id }, h('h2', { id }, title), children);
}

function nowPart(view: Overview, now: number) {
  const { state, doing, keepable } = view;
  return [
    h(
      'p',
      { class: `state ${state}`, role: 'status' },
      strong('', STATES[state]),
      ' ',
      state === 'killed'
        ? `since ${clock(view.since)}: it was killed or crashed, last seen ${ago(view.lastAt, now)} ago`
        : `since ${clock(view.since)} (${ago(view.since, now)})${view.reason ? `: ${view.reason}` : ''}`,
    ),
    state === 'killed' && p('', 'Go on with ', h('code', null, `npm run ralph -- run --tag ${view.tag}`)),
    facts([
      doing && ['Cycle', `${doing.cycle}, ${doing.directive}: ${doing.step} for ${ago(doing.since, now)}`],
      doing && ['Why', doing.why],
      doing?.gate && ['Gate', doing.gate],
      view.model && ['Model', view.model],
    ]),
    p(keepable.yes === false ? 'wrong' : keepable.yes ? 'right' : 'quiet', keepable.why),
    h(Steering, { state }),
  ];
}

function keepsPart({ known, keeps, keepsLeftOut, measured, counts: all }: Overview) {
  if (keeps.length === 0) return p('quiet', `Nothing was kept yet, of ${counted(all.trials, 'trial')}.`);
  return [
    ul('keeps', ...keeps.map((keep) => keepLine(keep, measured?.judged !== false))),
    known && p('quiet', known),
    keepsLeftOut > 0 && p('quiet', `${keepsLeftOut} older ones stand in the table below.`),
  ];
}

function keepLine({ trial, family, figures, holdout, provisional, forward }: Keep, asked: boolean) {
  return h(
    'li',
    { key: trial },
    h('a', { href: `#${trial}` }, trial),
    ` ${family} `,
    asked && span(`badge ${badgeOf(holdout)}`, `holdout ${holdout ?? 'not opened'}`),
    provisional && span('badge wrong', "would not pass at today's N"),
    forward?.state && span(`badge ${STANDING[forward.state] ?? ''}`, `since then ${forward.state}`),
    div('quiet', figures.join(' · ')),
    forward && div('quiet', sinceThen(forward)),
  );
}

const STANDING: Readonly<Record<string, string>> = { alive: 'right', fading: 'wrong', dead: 'wrong' };

function sinceThen({ days, unseen, sharpe, promised, return: grown, market, expected, problem }: ForwardLine): string {
  if (problem) return problem;
  const known = expected === null ? '' : `; an edge of that size is expected to show by ${expected}`;
  return `${counted(days, 'day')} since (${unseen} unseen): Sharpe ${maybe(sharpe)}, promised ${maybe(promised)}, return ${percent(grown)}, market ${percent(market)}${known}`;
}

export function badgeOf(holdout: string | null): string {
  return holdout === 'rejected' ? 'wrong' : holdout === 'confirmed' ? 'right' : '';
}

function barPart({ bar, budget, measured, counts: all }: Overview, now: number) {
  const looks = ({ used, left }: { used: number; left: number | null }) => `${used} used, ${left ?? '?'} left`;
  const judged = bar.requiredSharpe !== null || !measured;
  return [
    facts([
      measured && ['Measured', measured.line],
      judged && ['Required Sharpe', maybe(bar.requiredSharpe)],
      [judged ? 'Trials on these data (N)' : 'Trials (N)', String(bar.n)],
      judged && ['Looks at selection', looks(bar.selection)],
      judged && ['Holdout openings', looks(bar.holdout)],
      ['So far', `${counted(all.cycles, 'cycle')}: ${all.keep} keep, ${all.discard} discard, ${all.crash} crash`],
    ]),
    budget.length > 0 && h('h3', null, 'Budget'),
    budget.length > 0 && ul('plain', ...budget.map((line) => budgetLine(line, now, budget))),
  ];
}

function budgetLine({ name, spent, limit, endsAt }: BudgetLine, now: number, all: readonly BudgetLine[]) {
  const soonest = Math.min(...all.map((line) => line.endsAt ?? Number.POSITIVE_INFINITY));
  const end = endsAt === null ? '' : endsAt <= now ? ', spent' : `, ends in about ${ago(now, endsAt)}`;
  return h(
    'li',
    { key: name, class: endsAt !== null && endsAt === soonest ? 'first' : '' },
    `${name}: ${large(spent)} of ${large(limit)}${end}`,
    h('progress', { max: limit, value: Math.min(spent, limit), 'aria-label': `${name} spent` }),
  );
}

function hintsPart({ hints, asked, waiting, state }: Overview, now: number) {
  const idle = state === 'ended' || state === 'killed' ? ' They are read when the run goes on.' : '';
  return [
    asked &&
      h(
        'p',
        { class: 'asked', role: 'status' },
        strong('', `The search asks for a hint (cycle ${asked.cycle}, ${ago(asked.at, now)} ago): `),
        asked.why,
      ),
    h(HintForm, null),
    waiting.length > 0 && p('', `Waiting for the next cycle: ${waiting.join(', ')}.${idle}`),
    hints.length === 0 ? p('quiet', 'No hint was given yet.') : ul('plain', ...hints.map(hintLine)),
  ];
}

function hintLine({ id, text, state, from, answer, under, rest }: HintLine) {
  return h(
    'li',
    { key: id },
    span('badge', state === 'over' ? 'over' : state),
    from && span('badge', `from the ${from}`),
    div('model', text),
    div('quiet', answer ?? 'not answered yet'),
    div('quiet', `Under it: ${under}. The rest: ${rest}.`),
    state === 'active' && h(Withdraw, { hint: id }),
  );
}

function healthPart(
  { wire, turns, lost, recoveries, tokensPerSecond, cache, tokens, advice }: Health,
  model: string | null,
) {
  return [
    facts([
      ['Model', model ?? 'not known'],
      ['Wire', wire ?? 'not known yet'],
      ['Turns', String(turns)],
      ['Lost turns', counts(lost) || 'none'],
      ['Recoveries', counts(recoveries) || 'none'],
      ['Output', tokensPerSecond === null ? '–' : `${maybe(tokensPerSecond, 1)} tokens a second of session`],
      ['Cache', cache === null ? '–' : `${percent(cache, 0)} of each prompt was seen before`],
      ['Tokens', large(tokens)],
    ]),
    advice.length > 0 && lines('', advice),
  ];
}

function faultsPart({ faults }: Overview) {
  if (faults.last.length === 0) return p('quiet', 'None.');
  return [
    p('', counts(faults.counts)),
    ul(
      'plain',
      ...faults.last.map(({ at, class: kind, text }) =>
        h('li', { key: at }, strong('', kind), ` ${clock(at)} `, span('quiet', text)),
      ),
    ),
  ];
}

/** Names with their values. */
export function facts(pairs: readonly (readonly [string, ComponentChildren] | Nothing)[]) {
  const known = pairs.filter((pair) => !!pair);
  if (known.length === 0) return null;
  const line = ([name, value]: (typeof known)[number]) =>
    h('div', { key: name }, h('dt', null, name), h('dd', null, value));
  return h('dl', null, known.map(line));
}

/** A pair that is not told. */
type Nothing = '' | false | null | undefined;
