import { setTimeout as sleep } from 'node:timers/promises';
import { isAway } from '../server/connect.ts';

/** How long a server may be away before the run takes it for a fault. */
export const AWAY_MS = 90_000;
const AGAIN_MS = 500;

/** Asks again while the server is away: whatever the fleet asks may be asked twice. Throws what it threw last when that takes too long. */
export async function patiently<T>(step: () => Promise<T>, mostMs = AWAY_MS): Promise<T> {
  const end = performance.now() + mostMs;
  for (;;) {
    try {
      return await step();
    } catch (thrown) {
      if (!isAway(thrown) || performance.now() > end) throw thrown;
      await sleep(AGAIN_MS);
    }
  }
}
