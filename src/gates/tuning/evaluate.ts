import type { BoxAnswer, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { Job, Simulate, Workbench } from '../workbench/workbench.ts';

/** Points that one process plays in a row. */
const CHUNK = 4;

/**
 * Plays points side by side and reads something off each; null for one that throws, which is a place without a score and no crash of the
 * candidate. `read` gets the result with the day on it and nothing of it is kept.
 */
export async function playPoints<T>(
  workbench: Pick<Workbench, 'spread'>,
  points: readonly Params[],
  part: Pick<SimulationRequest, 'range' | 'until' | 'surrogate'>,
  read: (result: SimulationResult) => T,
): Promise<BoxAnswer<(T | null)[]>> {
  const chunks = Array.from({ length: Math.ceil(points.length / CHUNK) }, (_, k) =>
    points.slice(k * CHUNK, (k + 1) * CHUNK),
  );
  const jobs = chunks.map(
    (chunk): Job<(T | null)[]> =>
      (simulate) =>
        playChunk(simulate, chunk, part, read),
  );
  const answer = await workbench.spread(jobs);
  return answer.ok ? { ok: true, value: answer.value.flat() } : answer;
}

/** The same in one process, one after the other. */
export async function playChunk<T>(
  simulate: Simulate,
  points: readonly Params[],
  part: Pick<SimulationRequest, 'range' | 'until' | 'surrogate'>,
  read: (result: SimulationResult) => T,
): Promise<BoxAnswer<(T | null)[]>> {
  const requestOf = (params: Params) => ({ params, scenario: NEUTRAL, detail: 'days' as const, ...part });
  const together = await simulate(points.map(requestOf));
  if (together.ok) return { ok: true, value: together.value.map(read) };
  if (together.kind !== 'throw') return together;
  const found: (T | null)[] = [];
  for (const params of points) {
    const answer = await simulate([requestOf(params)]);
    if (!answer.ok && answer.kind !== 'throw') return answer;
    found.push(answer.ok ? read(answer.value[0]) : null);
  }
  return { ok: true, value: found };
}
