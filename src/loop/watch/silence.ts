import { duration } from '../../base/numbers.ts';
import { sayWaiting } from '../../base/terminal.ts';
import type { RunEvent } from '../../journal/events.ts';
import { statusOf } from '../../journal/projections/status.ts';

/** Silence that a person at a terminal wonders about, and in a log file. */
const TERMINAL_MS = 3000;
const LOG_MS = 300_000;

/**
 * Says what a quiet run waits for and for how long: a line redrawn each second on a terminal, one line every five minutes in a log. Returns
 * the look to take once a second.
 */
export function silenceWatch(events: readonly RunEvent[], now: () => number): () => void {
  let [count, since, said] = [-1, now(), now()];
  return () => {
    if (events.length !== count) [count, since, said] = [events.length, now(), now()];
    const quiet = now() - since;
    const onTerminal = process.stderr.isTTY;
    if (onTerminal ? quiet < TERMINAL_MS : now() - said < LOG_MS) return;
    said = now();
    const { phase } = statusOf(events);
    const what = phase ? `cycle ${phase.cycle} (${phase.directive}): ${phase.step}` : 'between cycles';
    sayWaiting(`${what}, for ${duration(quiet)}`);
  };
}
