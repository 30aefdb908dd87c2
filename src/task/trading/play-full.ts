import { openBox } from '../../backtest/box/open.ts';
import type { BoxAnswer, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import type { EngineMarket } from '../../backtest/market.ts';

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
  try {
    const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
    return await box.value.simulate(plays.map((play) => ({ ...play, scenario, detail: 'full' })));
  } finally {
    await box.value.close();
  }
}
