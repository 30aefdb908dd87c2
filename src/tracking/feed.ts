import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { jsonIn } from '../base/json.ts';
import { number } from '../base/numbers.ts';
import type { RunEvent } from '../journal/events.ts';
import { readJournal } from '../journal/journal.ts';
import { headline } from '../journal/projections/text.ts';

/** Turns events into the lines of `tail`, one a trial, and a few for what else a watcher wants to know. */
export class Feed {
  #families = new Map<string, { family: string; n: number }>();
  #best: number | null = null;
  #trialsInCycle = 0;

  /** The line an event is worth, or null. */
  line(event: RunEvent): string | null {
    if (event.type === 'cycle.started') this.#trialsInCycle = 0;
    if (event.type === 'trial.started') {
      this.#families.set(event.trial, { family: event.family, n: event.n });
      this.#trialsInCycle += 1;
    }
    if (event.type === 'trial.finished') return this.#trial(event);
    if (event.type === 'verdict.given' && this.#trialsInCycle === 0)
      return `${String(event.cycle).padStart(4, '0')}    ${headline(event.outcome, event.reasons, event.candidate ?? 'no candidate')}`;
    if (event.type === 'fault.occurred') return `fault   ${event.class} at ${event.where}: ${event.detail}`;
    if (event.type === 'hint.taken') return `hint    ${event.text.replaceAll(/\s+/g, ' ').slice(0, 100)}`;
    if (event.type === 'segment.started') return `segment ${event.segment}: ${event.changed.join(', ')} changed`;
    if (event.type === 'run.steered') return `asked   ${event.request} (from the ${event.from})`;
    if (event.type === 'run.ended') return `ended   ${event.reason}`;
    return null;
  }

  #trial(event: Extract<RunEvent, { type: 'trial.finished' }>): string {
    const known = this.#families.get(event.trial);
    this.#families.delete(event.trial);
    if (event.score !== null && event.outcome === 'keep') this.#best = Math.max(this.#best ?? -Infinity, event.score);
    const facts = [
      headline(
        event.outcome,
        event.gates.filter(({ passed }) => !passed),
        known?.family ?? '?',
      ),
      `score ${number(event.score)}`,
      `N ${known?.n ?? '?'}`,
      `best ${this.#best === null ? 'none' : number(this.#best)}`,
    ];
    return `${event.trial.padEnd(7)} ${facts.join(' · ')}`;
  }
}

/** Reads what was added to a journal since the last call, whole lines only. The writer is never disturbed. */
export class Follower {
  readonly #path: string;
  #file: number | null = null;
  #offset = 0;
  #rest = Buffer.alloc(0);
  #seq = 0;

  constructor(path: string) {
    this.#path = path;
  }

  read(): RunEvent[] {
    // Sealing puts a new file in the journal's place: what was missed meanwhile lies in a part.
    const { ino } = statSync(this.#path);
    const events = ino === this.#file ? this.#added() : this.#afresh(ino);
    const fresh = events.filter(({ seq }) => seq > this.#seq);
    this.#seq = fresh.at(-1)?.seq ?? this.#seq;
    return fresh;
  }

  #afresh(ino: number): RunEvent[] {
    this.#file = ino;
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
    const live = this.#added();
    const missed = live.length > 0 && live[0].seq > this.#seq + 1;
    return missed ? readJournal(this.#path) : live;
  }

  #added(): RunEvent[] {
    const file = openSync(this.#path, 'r');
    try {
      const { size } = fstatSync(file);
      // A torn tail was cut: what was kept of it is void.
      if (size < this.#offset) this.#rest = Buffer.alloc(0);
      this.#offset = Math.min(this.#offset, size);
      const bytes = Buffer.alloc(size - this.#offset);
      const count = readSync(file, bytes, 0, bytes.length, this.#offset);
      this.#offset += count;
      const text = Buffer.concat([this.#rest, bytes.subarray(0, count)]);
      const end = text.lastIndexOf(10) + 1;
      this.#rest = text.subarray(end);
      return text
        .subarray(0, end)
        .toString('utf8')
        .split('\n')
        .flatMap((line) => (jsonIn(line) as RunEvent | undefined) ?? []);
    } finally {
      closeSync(file);
    }
  }
}
