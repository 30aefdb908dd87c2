import type { RalphEvent, RunEvent } from '../../journal/events.ts';

/** A journal in memory, for measuring the search without a run: events as the real one holds them, no file, no hashes. */
export interface Recorder {
  readonly events: RunEvent[];
  append(event: RalphEvent): void;
}

/** `start` is the epoch ms of the first event; each later one is a second after the one before. */
export function openRecorder(start = 1_700_000_000_000): Recorder {
  const events: RunEvent[] = [];
  return {
    events,
    append(event) {
      const seq = events.length + 1;
      events.push({ ...event, seq, at: start + seq * 1000, prev: '0'.repeat(64) });
    },
  };
}
