import type { RunEvent } from '../journal/events.ts';
import type { Streak } from '../task/task.ts';

/** How many fix and patch cycles in a row led up to (and include) this cycle. Derived, so that no counter can be lost. */
export function streakBefore(events: readonly RunEvent[], cycle: number): Streak {
  let fixes = 0;
  let patches = 0;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.type !== 'cycle.started' || event.cycle > cycle) continue;
    if (event.directive === 'fix') fixes += 1;
    else if (event.directive === 'patch') patches += 1;
    else break;
  }
  return { fixes, patches };
}
