import type { RunEvent } from '../../journal/events.ts';
import { type Canonical, canonicalOf, differing } from './canonical.ts';

/** The first event that came out otherwise than recorded. */
export interface Difference {
  /** Number of the recorded event, 1 for the first line. */
  readonly seq: number;
  readonly cycle: number | null;
  /** Fields that differ; `type` when it is another event altogether. */
  readonly fields: readonly string[];
  readonly recorded: Canonical;
  readonly replayed: Canonical;
}

/** Thrown out of the replay where it leaves the recording: nothing behind that point can be compared. */
export class LeftTheRecording extends Error {}

interface Note {
  readonly seq: number;
  readonly at: number;
  readonly cycle: number | null;
  readonly event: Canonical;
}

/**
 * The recorded journal as the score that a replay plays from: what came, and in which order. Sessions that ran at once wait
 * for their turn, so that the order of the journal, on which N and every brief depend, is the recorded one.
 */
export class Score {
  readonly #notes: readonly Note[];
  #place = 0;
  #waiting: (() => void)[] = [];
  #broken: unknown = null;
  difference: Difference | null = null;

  /** Cut before the first event of a cycle without a verdict, or of a second segment: up to there the recording is whole. */
  constructor(events: readonly RunEvent[]) {
    const judged = new Set(events.flatMap((event) => (event.type === 'verdict.given' ? [event.cycle] : [])));
    const end = events.findIndex(
      (event) => event.type === 'segment.started' || ('cycle' in event && !judged.has(event.cycle)),
    );
    const whole = end < 0 ? events : events.slice(0, end);
    this.#notes = whole.flatMap((event) => {
      const canonical = canonicalOf(event);
      const cycle = 'cycle' in event ? event.cycle : null;
      return canonical === null ? [] : [{ seq: event.seq, at: event.at, cycle, event: canonical }];
    });
  }

  get length(): number {
    return this.#notes.length;
  }

  /** Events that came out as recorded so far. */
  get played(): number {
    return this.#place;
  }

  /** Epoch ms at which the next event was recorded: the replay's clock, by which hints expire as they did. */
  get now(): number {
    return (this.#notes[this.#place] ?? this.#notes.at(-1))?.at ?? 0;
  }

  /** What comes next, null at the end. */
  get next(): { readonly seq: number; readonly cycle: number | null; readonly event: Canonical } | null {
    return this.#notes[this.#place] ?? null;
  }

  /** Returns when the next event is one of this cycle's, or there is none left. Throws when the replay has ended otherwise. */
  async turnOf(cycle: number): Promise<void> {
    await this.until(() => this.next === null || this.next.cycle === cycle);
  }

  async until(ready: () => boolean): Promise<void> {
    while (this.#broken === null && !ready()) await new Promise<void>((go) => this.#waiting.push(go));
    if (this.#broken !== null) throw this.#broken;
  }

  /** Compares an event that was just journaled with the one that was recorded in its place; throws LeftTheRecording. */
  heard(event: RunEvent): void {
    const replayed = canonicalOf(event);
    if (replayed === null) return;
    const note = this.#notes[this.#place];
    // Behind the end of the recording, an unfinished cycle may have begun.
    if (note === undefined) return;
    const fields = note.event.type === replayed.type ? differing(note.event, replayed) : ['type'];
    if (fields.length > 0) {
      this.difference = { seq: note.seq, cycle: note.cycle, fields, recorded: note.event, replayed };
      throw this.stop(new LeftTheRecording(`event ${note.seq} came out otherwise`));
    }
    this.#place += 1;
    this.#wake();
  }

  /** Wakes everybody who waits with the reason; returns it. */
  stop(reason: unknown): unknown {
    this.#broken ??= reason;
    this.#wake();
    return reason;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
