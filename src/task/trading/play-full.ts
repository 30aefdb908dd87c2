import { openBox } from '../../backtest/box/open.ts';
import type { BoxAnswer, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import type { EngineMarket } from '../../backtest/market.ts';

/** Nobody waits for a verdict: what was judged once may take its time on a busier machine. */
const LIMITS = { wallMs: 600_000, heapMb: 1_024 };

/** One simulation at normal costs in a box of its own, with its fills and what stands at the end. */
export async function playFull(
  candidate: { readonly code: string; readonly windowFiles: readonly string[]; readonly market: EngineMarket },
  play: Pick<SimulationRequest, 'params' | 'path' | 'range'>,
): Promise<BoxAnswer<SimulationResult>> {
  const box = await openBox({ ...candidate, limits: LIMITS });
  if (!box.ok) return box;
  try {
    const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
    const answer = await box.value.simulate([{ ...play, scenario, detail: 'full' }]);
    return answer.ok ? { ok: true, value: answer.value[0] } : answer;
  } finally {
    await box.value.close();
  }
}
