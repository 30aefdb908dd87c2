import type { GateResult, Outcome } from '../../gates/verdict.ts';
import type { EventOf, EventType, RunEvent } from '../events.ts';

/** One counted trial, by the places of its two events, so that sealed ones leave memory. What `trial.finished` says is null while it runs. */
export class Trial {
  readonly trial: string;
  readonly cycle: number;
  readonly segment: number;
  readonly family: string;
  readonly candidate: string;
  readonly #events: readonly RunEvent[];
  readonly #start: number;
  #end: number | null = null;

  constructor(events: readonly RunEvent[], place: number, segment: number) {
    this.#events = events;
    this.#start = place;
    this.segment = segment;
    const { trial, cycle, family, candidate } = this.started;
    this.trial = trial;
    this.cycle = cycle;
    this.family = family;
    this.candidate = candidate;
  }

  finish(place: number): void {
    this.#end ??= place;
  }

  get started(): EventOf<'trial.started'> {
    return this.#events[this.#start] as EventOf<'trial.started'>;
  }

  get finished(): EventOf<'trial.finished'> | null {
    return this.#end === null ? null : (this.#events[this.#end] as EventOf<'trial.finished'>);
  }

  get hypothesis(): string {
    return this.started.hypothesis;
  }

  get fingerprint(): string {
    return this.started.fingerprint;
  }

  /** Object that holds its daily returns. */
  get returnsSha256(): string | null {
    return this.finished?.returnsSha256 ?? null;
  }

  get outcome(): Outcome | null {
    return this.finished?.outcome ?? null;
  }

  /** The gates that it missed; none while it runs. */
  get missed(): readonly GateResult[] {
    return this.finished?.gates.filter(({ passed }) => !passed) ?? [];
  }

  get score(): number | null {
    return this.finished?.score ?? null;
  }
}

/** One cycle and its durable steps, each null until its event is in the journal. */
export class CycleState<T extends Trial = Trial> {
  readonly cycle: number;
  readonly trials: T[] = [];
  readonly #events: readonly RunEvent[];
  readonly #places: Partial<Record<EventType, number>> = {};

  constructor(events: readonly RunEvent[], place: number, cycle: number) {
    this.#events = events;
    this.cycle = cycle;
    this.note('cycle.started', place);
  }

  /** The first event of a kind counts; of hypotheses the last, because a session may register another one. */
  note(type: EventType, place: number): void {
    if (type === 'hypothesis.registered' || this.#places[type] === undefined) this.#places[type] = place;
  }

  get started(): EventOf<'cycle.started'> {
    return this.#event('cycle.started')!;
  }

  get hypothesis(): EventOf<'hypothesis.registered'> | null {
    return this.#event('hypothesis.registered');
  }

  get session(): EventOf<'session.ended'> | null {
    return this.#event('session.ended');
  }

  get verdict(): EventOf<'verdict.given'> | null {
    return this.#event('verdict.given');
  }

  get committed(): EventOf<'cycle.committed'> | null {
    return this.#event('cycle.committed');
  }

  get mirrored(): boolean {
    return this.has('cycle.mirrored');
  }

  has(type: EventType): boolean {
    return this.#places[type] !== undefined;
  }

  /** Prompt and completion tokens of its session. */
  get tokens(): number {
    return this.session ? this.session.promptTokens + this.session.completionTokens : 0;
  }

  #event<K extends EventType>(type: K): EventOf<K> | null {
    const place = this.#places[type];
    return place === undefined ? null : (this.#events[place] as EventOf<K>);
  }
}
