import type { Outcome, Route } from '../../gates/verdict.ts';
import type { EventOf, EventType, RunEvent } from '../events.ts';
import { folded } from './fold.ts';
import { CycleState, Trial } from './parts.ts';

/** How the model behaved over the run: turns by class, what was done about the bad ones, and what to change about the server. */
export interface ModelState {
  readonly turns: Record<string, number>;
  readonly recoveries: Record<string, number>;
  readonly advice: string[];
}

/** What the journal of a run says, from one pass over its events. Rows, status, steps and the memory of the search are views of it. */
export class RunState<T extends Trial = Trial> {
  readonly events: readonly RunEvent[];
  first: EventOf<'run.started'> | null = null;
  segment = 1;
  readonly cycles: CycleState<T>[] = [];
  readonly byCycle = new Map<number, CycleState<T>>();
  readonly trials: T[] = [];
  readonly byTrial = new Map<string, T>();
  /** Trials charged, those taken over from another run included: N of every deflated statistic. */
  n = 0;
  /** Looks at held-back data by trial, each with its number. */
  readonly looks = new Map<string, number>();
  /** Looks of a part of the journal that was lost. */
  lostLooks = 0;
  /** The newest cycle of a part of the journal that was lost; its number is not taken again. */
  acceptedCycle = 0;
  /** Trials for which held-back data has answered. */
  readonly answered = new Set<string>();
  holdouts = 0;
  /** What the holdout answered, by trial. */
  readonly holdoutAnswers = new Map<string, string>();
  readonly outcomes: Record<Outcome, number> = { keep: 0, discard: 0, crash: 0 };
  /** The route of the last verdict and how many cycles in a row have followed it. */
  streak: { route: Route | null; length: number } = { route: null, length: 0 };
  tokens = 0;
  evaluationSeconds = 0;
  readonly faults: Record<string, number> = {};
  lastFault: EventOf<'fault.occurred'> | null = null;
  readonly openHints = new Set<string>();
  readonly model: ModelState = { turns: {}, recoveries: {}, advice: [] };
  /** How often a start found each trial charged and unanswered. */
  readonly redone = new Map<string, number>();
  /** What a person asked last; null while nobody did. */
  steered: EventOf<'run.steered'>['request'] | null = null;
  /** The end of the last start; null while the run goes on. */
  ended: EventOf<'run.ended'> | null = null;

  constructor(events: readonly RunEvent[]) {
    this.events = events;
  }

  get tag(): string {
    return this.first?.tag ?? '';
  }

  /** The newest cycle that was started, 0 before the first. */
  get lastCycle(): number {
    return Math.max(this.cycles.at(-1)?.cycle ?? 0, this.acceptedCycle);
  }

  get lookCount(): number {
    return this.looks.size + this.lostLooks;
  }

  /** Adds the event that stands at that place of the list. An event of a cycle or trial that never started is left out. */
  take(event: RunEvent, place: number): void {
    if ('cycle' in event && event.type !== 'cycle.started') this.byCycle.get(event.cycle)?.note(event.type, place);
    const take = this.#takes[event.type] as ((event: RunEvent, place: number) => void) | undefined;
    take?.(event, place);
  }

  /** What each kind of event changes here; the others change nothing. */
  readonly #takes: { readonly [K in EventType]?: (event: EventOf<K>, place: number) => void } = {
    'run.started': (event) => (this.first ??= event),
    'segment.started': ({ segment }) => (this.segment = segment),
    'run.carried': ({ trials }) => (this.n += trials),
    'history.accepted': ({ trials, looks, cycle }) => {
      this.n += trials;
      this.lostLooks += looks;
      this.acceptedCycle = cycle;
    },
    'cycle.started': ({ cycle, shown }, place) => {
      if (this.byCycle.has(cycle)) return;
      this.n += shown?.curves ?? 0;
      const state = new CycleState<T>(this.events, place, cycle);
      this.cycles.push(state);
      this.byCycle.set(cycle, state);
    },
    'trial.started': (event, place) => {
      const trial = this.newTrial(place);
      this.n = event.n;
      this.trials.push(trial);
      this.byTrial.set(event.trial, trial);
      this.byCycle.get(event.cycle)?.trials.push(trial);
    },
    'trial.finished': ({ trial, seconds }, place) => {
      this.byTrial.get(trial)?.finish(place);
      this.evaluationSeconds += seconds;
    },
    'selection.looked': ({ trial, look }) => this.looks.set(trial, look),
    'selection.answered': ({ trial }) => this.answered.add(trial),
    'holdout.opened': () => (this.holdouts += 1),
    'holdout.answered': ({ trial, answer }) => this.holdoutAnswers.set(trial, answer),
    'session.ended': ({ classes, recoveries = {}, advice = [], promptTokens, completionTokens }) => {
      this.tokens += promptTokens + completionTokens;
      addCounts(this.model.turns, classes);
      addCounts(this.model.recoveries, recoveries);
      for (const line of advice) if (!this.model.advice.includes(line)) this.model.advice.push(line);
    },
    'verdict.given': ({ outcome, route }) => {
      this.outcomes[outcome] += 1;
      this.streak = { route, length: route === this.streak.route ? this.streak.length + 1 : 1 };
    },
    'fault.occurred': (event) => {
      addCounts(this.faults, { [event.class]: 1 });
      this.lastFault = event;
    },
    'hint.taken': ({ hint }) => this.openHints.add(hint),
    'hint.answered': ({ hint }) => this.openHints.delete(hint),
    'hint.dropped': ({ hint }) => this.openHints.delete(hint),
    'run.resumed': ({ trials }) => {
      this.ended = null;
      for (const trial of trials) this.redone.set(trial, (this.redone.get(trial) ?? 0) + 1);
    },
    'run.steered': ({ request }) => (this.steered = request),
    'run.ended': (event) => (this.ended = event),
  };

  /** Makes the record of a trial; a view that knows more of each trial makes its own. */
  protected newTrial(place: number): T {
    return new Trial(this.events, place, this.segment) as T;
  }
}

function addCounts(sum: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
}

/** The state of a run after all of these events. Cheap to ask again for a list that has only grown. */
export function stateOf(events: readonly RunEvent[]): RunState {
  return folded(events, RunState);
}

/** A cycle and its steps so far; undefined when it has not started. */
export function cycleAt(events: readonly RunEvent[], cycle: number): CycleState | undefined {
  return stateOf(events).byCycle.get(cycle);
}

/** The last trial of a candidate; undefined where it has none. */
export function lastTrialOf(events: readonly RunEvent[], candidate: string | null): Trial | undefined {
  return stateOf(events).trials.findLast((trial) => trial.candidate === candidate);
}
