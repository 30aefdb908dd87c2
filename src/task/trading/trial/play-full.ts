import { openBox } from '../../../backtest/box/open.ts';
import type { BoxAnswer, SimulationRequest, SimulationResult } from '../../../backtest/contract.ts';
import type { EngineMarket } from '../../../backtest/market.ts';
import { NEUTRAL } from '../../../backtest/market.ts';
import { closing } from '../../../base/closing.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import type { Params } from '../../../strategy/candidate.ts';

/** Nobody waits for a verdict: what was judged once may take its time on a busier machine. */
const LIMITS = { wallMs: 600_000, heapMb: 1_024 };

interface Played {
  readonly code: string;
  readonly windowFiles: readonly string[];
  readonly market: EngineMarket;
}

type Play = Pick<SimulationRequest, 'params' | 'path' | 'range'>;

/** One simulation at normal costs in a box of its own, with its fills and what stands at the end. */
export async function playFull(candidate: Played, play: Play): Promise<BoxAnswer<SimulationResult>> {
  const answer = await playEach(candidate, [play]);
  return answer.ok ? { ok: true, value: answer.value[0] } : answer;
}

/** Several of them in one box. */
export async function playEach(candidate: Played, plays: readonly Play[]): Promise<BoxAnswer<SimulationResult[]>> {
  const box = await openBox({ ...candidate, limits: LIMITS });
  if (!box.ok) return box;
  await using open = closing(box.value);
  return await open.simulate(plays.map((play) => ({ ...play, scenario: NEUTRAL, detail: 'full' })));
}

/**
 * How a trial was played on train, and from `to` on as it would be now: with its parameters, or, where they were tuned, part by part with
 * what each was traded with, and behind train with what held-back data were shown to. `to`: end of the window to play, epoch ms.
 */
export function playOfTrial(
  { started, finished }: Pick<Trial, 'started' | 'finished'>,
  to: number,
  given: Params = {},
  trainEnd = to,
): Pick<SimulationRequest, 'params' | 'path' | 'range'> {
  const tuned = finished?.tuned;
  if (!tuned) return { params: { ...given, ...started.params } };
  const [first, ...later] = tuned.path;
  const behind = tuned.final && trainEnd < to ? [{ from: trainEnd, params: tuned.final }] : [];
  return { params: first.params, path: [...later, ...behind], range: { from: first.from, to } };
}
