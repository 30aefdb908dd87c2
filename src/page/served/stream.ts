import type { ServerResponse } from 'node:http';
import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import type { RunEvent } from '../../journal/events.ts';
import { changeText, measuredBy } from '../../journal/projections/measured.ts';
import { rowsOfCycle } from '../../journal/projections/rows.ts';
import { shortReason } from '../../journal/projections/text.ts';
import { type Fold, folded } from '../../journal/state/fold.ts';
import type { CycleState } from '../../journal/state/parts.ts';
import { type RunState, stateOf } from '../../journal/state/run-state.ts';
import type { Overview, RowsMessage, TrialRow } from '../view.ts';

const LOOK_EVERY_MS = 400;
/** Making the overview of a long run may take this share of the time, as long as a change is shown within two seconds. */
const MOST_SHARE = 1 / 20;
const LOOK_AT_LEAST_MS = 1000;
const AFTER_PROBLEM_MS = 5000;
/** A line now and then keeps proxies from closing a quiet stream. */
const ALIVE_EVERY_MS = 15_000;

export interface Source {
  /** The events so far; the same list each time, which only grows. */
  events(): readonly RunEvent[];
  overview(events: readonly RunEvent[]): Overview;
}

interface Client {
  readonly response: ServerResponse;
  seq: number;
  told: string;
}

/** Server-sent events for every open page. Nothing is read or computed while no page is open. */
export class Streams {
  readonly #source: Source;
  readonly #clients = new Set<Client>();
  #timer: NodeJS.Timeout | null = null;
  #aliveAt = 0;
  #problem = '';

  constructor(source: Source) {
    this.#source = source;
  }

  /** `seq` is the last event that this page has seen, 0 for a new one. */
  add(response: ServerResponse, seq: number): void {
    const client = { response, seq, told: '' };
    this.#clients.add(client);
    response.on('close', () => this.#clients.delete(client));
    this.#tick();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  /** Looks at once: an action may have changed something. */
  look(): void {
    if (this.#clients.size > 0) this.#tick();
  }

  #tick(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#clients.size === 0) return;
    let next = AFTER_PROBLEM_MS;
    try {
      next = this.#tellAll();
    } catch (thrown) {
      // The page must never end the search beside it.
      const problem = messageOf(thrown);
      if (problem !== this.#problem) say(`the page cannot read the run at the moment: ${problem}`);
      this.#problem = problem;
    }
    this.#timer = setTimeout(() => this.#tick(), next);
    this.#timer.unref();
  }

  /** Tells every page what is new; returns when to look again, ms from now. */
  #tellAll(): number {
    const start = performance.now();
    const events = this.#source.events();
    const overview = this.#source.overview(events);
    const { at: _, ...lasting } = overview;
    const told = JSON.stringify(lasting);
    const alive = start > this.#aliveAt;
    if (alive) this.#aliveAt = start + ALIVE_EVERY_MS;
    for (const client of this.#clients) this.#tell(client, events, overview, told, alive);
    const spent = performance.now() - start;
    return Math.min(LOOK_AT_LEAST_MS, Math.max(LOOK_EVERY_MS, spent / MOST_SHARE));
  }

  #tell(client: Client, events: readonly RunEvent[], overview: Overview, told: string, alive: boolean): void {
    const { response } = client;
    if (client.told !== told || alive) send(response, 'overview', overview);
    client.told = told;
    const last = events.at(-1)?.seq ?? 0;
    const messages = rowsSince(events, client.seq);
    // Only behind the last part has the page seen everything up to that event.
    for (const [i, message] of messages.entries())
      send(response, 'rows', message, i === messages.length - 1 ? last : null);
    client.seq = last;
  }
}

function send(response: ServerResponse, event: string, data: unknown, id: number | null = null): void {
  response.write(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

const MOST_REASON = 160;

/** Which cycle each event touched, in order. */
class Touched implements Fold {
  readonly log: { readonly seq: number; readonly cycle: number }[] = [];
  readonly #events: readonly RunEvent[];

  constructor(events: readonly RunEvent[]) {
    this.#events = events;
  }

  take(event: RunEvent): void {
    if ('cycle' in event) this.log.push({ seq: event.seq, cycle: event.cycle });
    if (event.type !== 'holdout.answered') return;
    const trial = stateOf(this.#events).byTrial.get(event.trial);
    if (trial) this.log.push({ seq: event.seq, cycle: trial.cycle });
  }
}

/** The rows of every cycle that changed after that event, in messages of at most `most` cycles. */
function rowsSince(events: readonly RunEvent[], seq: number, most = 100): RowsMessage[] {
  const state = stateOf(events);
  const { log } = folded(events, Touched);
  const changed = new Set<number>();
  for (let i = log.length - 1; i >= 0 && log[i].seq > seq; i--) changed.add(log[i].cycle);
  const cycles = [...changed].flatMap((cycle) => state.byCycle.get(cycle) ?? []);
  const measured = measuredBy(events) !== undefined;
  const rows = cycles.map((cycle) => [cycle.cycle, rowsOf(cycle, state, measured)] as const);
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, i) => ({
    cycles: rows.slice(i * most, (i + 1) * most),
  }));
}

/** Finished trials as `results` has them, and those under way. */
function rowsOf(cycle: CycleState, { tag, holdoutAnswers }: RunState, measured: boolean): TrialRow[] {
  const hints = cycle.started.hints;
  const done = rowsOfCycle(cycle, tag).map(({ trial, outcome, route, family, metrics, reasons: [first] }) => ({
    trial,
    cycle: cycle.cycle,
    outcome,
    route,
    family,
    value: (measured ? metrics.value : metrics.sharpe) ?? null,
    change: measured && metrics.total != null ? changeText(metrics.total) : null,
    gate: first?.gate ?? null,
    why: first ? shortReason(first).slice(0, MOST_REASON) : '',
    hints,
    holdout: holdoutAnswers.get(trial ?? '') ?? null,
  }));
  const running = cycle.trials
    .filter(({ finished }) => !finished)
    .map(({ trial, family }) => ({
      trial,
      cycle: cycle.cycle,
      outcome: 'running' as const,
      route: null,
      family,
      value: null,
      change: null,
      gate: null,
      why: '',
      hints,
      holdout: null,
    }));
  return [...done, ...running];
}
