import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { percent } from '../../base/numbers.ts';
import { islandLines, readIslandState } from '../../fleet/island/state.ts';
import { fleetLines, readFleetState } from '../../fleet/run/state.ts';
import { knowledgeLine } from '../../gates/knowledge.ts';
import type { RunEvent } from '../../journal/events.ts';
import { measuredBy, measuredLine } from '../../journal/projections/measured.ts';
import { settingsOf } from '../../journal/projections/rows.ts';
import { type RunStatus, statusOf } from '../../journal/projections/status.ts';
import { shortReason } from '../../journal/projections/text.ts';
import { type RunState, stateOf } from '../../journal/state/run-state.ts';
import type { Spent } from '../../ledger/book.ts';
import { knownIn } from '../../page/facts.ts';
import { readForward } from '../../page/forward.ts';
import type { Measured } from '../../page/tables.ts';
import type { Doing, HintLine, Overview, State } from '../../page/view.ts';
import { searchState } from '../../search/directive/state.ts';
import { activeHints, waitingHints } from '../../search/hints/hints.ts';
import { historyOf } from '../../search/memory/history.ts';
import { hintEffects, type Yield } from '../../search/report/report-tables.ts';
import { spentNow, standingOf } from '../standing.ts';
import { budgetOf } from '../status.ts';
import { healthOf } from './health.ts';
import { keepsIn } from './keeps.ts';
import { askedAgain, remembered } from './remembered.ts';

/** Hints and faults that an update carries at most. */
const MOST_HINTS = 20;
const MOST_FAULTS = 8;
const MOST_TEXT = 400;
/** Events that change what the hints did. */
const TELLS_OF_HINTS = /^(hint\.|verdict\.|cycle\.started)/;

export interface About {
  readonly dir: string;
  readonly inbox: string;
  /** Config folder in place of the one that the run was started with. */
  readonly config: string | undefined;
  /** Whether a harness is at work in the run folder. */
  readonly active: () => boolean;
}

/** Makes the overview of a run. What is dear to work out is kept until N or the looks change. */
export function overviewOf({ dir, inbox, config, active }: About): (events: readonly RunEvent[]) => Overview {
  const spentAt = askedAgain((events: readonly RunEvent[]) => spentNow(events, config));
  const standingAt = remembered((events: readonly RunEvent[], spent: Spent | null) =>
    standingOf(events, config, spent),
  );
  const hintsAt = remembered(hintsIn);
  return (events) => {
    const state = stateOf(events);
    const status = statusOf(events);
    const own = `${status.n} ${status.selectionLooks} ${status.holdoutLooks}`;
    const spent = spentAt(own, events);
    const standing = standingAt(`${own} ${spent?.trials} ${spent?.looks} ${spent?.holdouts.length}`, events, spent);
    const { selection, holdout, requiredSharpe } = standing.looks;
    const measured = measuredBy(events);
    const known = knownIn(events);
    const here = active();
    const now = Date.now();
    return {
      tag: status.tag,
      at: now,
      ...stateIn(dir, status, here, events),
      lastAt: status.lastAt,
      reason: status.ended?.reason ?? null,
      doing: here ? doingIn(state, status, events) : null,
      model: modelOf(state, events),
      keepable: keepableOf(state, selection.left, measured),
      measured: measured
        ? { metric: measured.metric, line: measuredLine(measured), judged: measured.judged === true }
        : null,
      known: known && knowledgeLine(known),
      counts: { cycles: status.cycles, trials: status.trials, ...status.outcomes },
      ...keepsIn(events, standing, readForward(dir)),
      bar: { requiredSharpe, n: standing.n, selection, holdout },
      budget: budgetIn(events, status, state, here),
      next: nextIn(state, status, events),
      hints: hintsAt(String(events.findLast(({ type }) => TELLS_OF_HINTS.test(type))?.seq), events),
      asked: askedIn(events),
      waiting: waitingHints(inbox).slice(0, MOST_HINTS),
      health: healthOf(state),
      fleet: fleetIn(dir),
      faults: { counts: status.faults, last: faultsIn(events) },
      canPromote: !here,
    };
  };
}

function stateIn(
  dir: string,
  { ended, lastAt }: RunStatus,
  active: boolean,
  events: readonly RunEvent[],
): { state: State; since: number } {
  const paused = fileAt(join(dir, 'PAUSE'));
  const stopped = fileAt(join(dir, 'STOP'));
  if (events.length === 0) return { state: 'empty', since: lastAt };
  if (!active) return ended ? { state: 'ended', since: ended.at } : { state: 'killed', since: lastAt };
  if (stopped !== null) return { state: 'stopping', since: stopped };
  if (paused !== null) return { state: 'paused', since: paused };
  const start = events.findLast(({ type }) => type === 'run.resumed' || type === 'run.started');
  return { state: 'running', since: start?.at ?? lastAt };
}

function fileAt(path: string): number | null {
  return existsSync(path) ? Math.round(statSync(path).mtimeMs) : null;
}

function doingIn(state: RunState, { phase }: RunStatus, events: readonly RunEvent[]): Doing | null {
  const cycle = state.cycles.at(-1);
  if (!phase || !cycle) return null;
  const { directive, why, gate } = cycle.started;
  const stopped = state.trials.findLast(({ finished }) => finished)?.finished?.gates.find(({ passed }) => !passed);
  const since = events.at(-1)?.at ?? cycle.started.at;
  return { cycle: phase.cycle, step: phase.step, directive, why: cut(why), gate: gate ?? stopped?.gate ?? null, since };
}

function fleetIn(dir: string): readonly string[] {
  const [fleet, islands] = [readFleetState(dir), readIslandState(dir)];
  return [...(fleet ? fleetLines(fleet) : []), ...(islands ? islandLines(islands) : [])];
}

function modelOf({ first }: RunState, events: readonly RunEvent[]): string | null {
  const { agent, endpoint } = settingsOf(events) as { agent?: unknown; endpoint?: { model?: string } };
  if (typeof agent === 'object' && agent !== null) {
    const { proposer, command } = agent as { proposer?: string; command?: string[] };
    return proposer ? `no model: proposer ${proposer}` : `agent ${command?.[0] ?? ''}`;
  }
  return first?.provenance.model ?? endpoint?.model ?? null;
}

function keepableOf({ trials }: RunState, left: number | null, measured: Measured | undefined): Overview['keepable'] {
  if (measured && !measured.judged)
    return { yes: true, why: 'A change that beats the best so far by more than the noise is kept.' };
  if (trials.at(-1)?.started.trainOnly)
    return { yes: false, why: 'Nothing can be kept on these data any more: trials run on train alone.' };
  if (left === null)
    return { yes: null, why: 'The config cannot be read, so it is unknown whether a trial can be kept.' };
  return left > 0
    ? { yes: true, why: 'A trial that passes every gate can still be kept.' }
    : { yes: false, why: 'Nothing can be kept any more: the looks at selection are spent.' };
}

/** The newest question to people, as long as no hint came after it. */
function askedIn(events: readonly RunEvent[]): Overview['asked'] {
  const last = events.findLast(({ type }) => type === 'human.asked' || type === 'hint.taken');
  return last?.type === 'human.asked' ? { cycle: last.cycle, why: cut(last.why), at: last.at } : null;
}

/** What each budget will have lasted at the pace of this start. */
function budgetIn(events: readonly RunEvent[], status: RunStatus, state: RunState, active: boolean) {
  const start = events.findLast(({ type }) => type === 'run.resumed' || type === 'run.started')?.at ?? 0;
  const cycles = state.cycles.filter(({ started }) => started.at >= start);
  const spentNow: Record<string, number> = {
    cycles: cycles.filter(({ verdict }) => verdict).length,
    trials: cycles.reduce((sum, { trials }) => sum + trials.length, 0),
    tokens: cycles.reduce((sum, { tokens }) => sum + tokens, 0),
  };
  const elapsed = status.lastAt - start;
  const endOf = (name: string, spent: number, limit: number): number | null => {
    if (!active || name === 'faults') return null;
    if (name === 'hours') return start + limit * 3_600_000;
    const pace = elapsed > 0 ? (spentNow[name] ?? 0) / elapsed : 0;
    return pace > 0 ? Math.round(status.lastAt + Math.max(0, limit - spent) / pace) : null;
  };
  return Object.entries(budgetOf(events, status)).map(([name, { spent, limit }]) => ({
    name: name === 'faults' ? 'faults in a row' : name,
    spent,
    limit,
    endsAt: endOf(name, spent, limit),
  }));
}

function nextIn({ cycles }: RunState, { streak }: RunStatus, events: readonly RunEvent[]): Overview['next'] {
  const search = searchState(historyOf(events));
  const verdict = cycles.findLast((cycle) => cycle.verdict)?.verdict;
  const reason = verdict?.reasons.find(({ passed }) => !passed) ?? verdict?.reasons[0];
  const why = verdict
    ? `${verdict.family ?? 'the last cycle'}: ${verdict.outcome}${reason ? `, ${shortReason(reason)}` : ''}`
    : '';
  const row = streak.length > 1 ? ` (${streak.length} in a row)` : '';
  return { route: `${streak.route ?? 'new'}${row}`, why: cut(why), search: `${search.state}: ${search.why}` };
}

function hintsIn(events: readonly RunEvent[]): HintLine[] {
  const active = new Set(activeHints(events, stateOf(events).lastCycle + 1, { now: Date.now() }).map(({ id }) => id));
  const effects = hintEffects(events).slice(-MOST_HINTS).toReversed();
  return effects.map(({ hint, text, from, answers, dropped, under, rest }) => {
    const last = answers.at(-1);
    return {
      id: hint,
      text: cut(text),
      state: active.has(hint) ? 'active' : dropped ? 'dropped' : 'over',
      from,
      answer: last ? cut(`${last.accepted ? 'accepted' : 'declined'} in cycle ${last.cycle}: ${last.why}`) : null,
      under: yieldText(under),
      rest: yieldText(rest),
    };
  });
}

function yieldText({ cycles, trials, keeps, gap }: Yield): string {
  return `${cycles} cycles, ${trials} trials, ${keeps} kept${gap === null ? '' : `, ${percent(1 - gap, 0)} of the way to a keep`}`;
}

function faultsIn(events: readonly RunEvent[]): Overview['faults']['last'] {
  const last: Overview['faults']['last'][number][] = [];
  for (let i = events.length - 1; i >= 0 && last.length < MOST_FAULTS; i--) {
    const event = events[i];
    if (event.type === 'fault.occurred')
      last.push({ at: event.at, class: event.class, text: cut(`at ${event.where}: ${event.detail}`) });
  }
  return last;
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)} …` : text;
}
