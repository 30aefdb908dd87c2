import type { SimulationRequest } from '../../../backtest/contract.ts';
import { type SimulationData, simulate } from '../../../backtest/engine.ts';
import type { EngineMarket } from '../../../backtest/market.ts';
import { messageOf } from '../../../base/errors.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import { emptyHistory } from '../../../gates/history.ts';
import { judge } from '../../../gates/judge.ts';
import type { GateResult, Stage } from '../../../gates/verdict.ts';
import { inTurn } from '../../../gates/workbench/spread.ts';
import type { Workbench } from '../../../gates/workbench/workbench.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';

/** Stages that ask code again, or look at what is held back: a file has no answer to them. */
const UNASKED: readonly Stage[] = ['causality', 'neighbours', 'pbo', 'null', 'selection'];

/** What can be said of a file of signals, for reports. */
export const WHAT_A_FILE_TELLS =
  'Certain: no order of a signal fills before the minute after its time. Unknown: whether a signal was made with later prices. A look-ahead audit ' +
  'replaces the future and asks the code again, and a file answers the same whatever the future is; so do the null, the neighbours and the memory ' +
  'audit. Only bars that came after the file was made test it: keep its SHA-256.';

export interface FileVerdict {
  /** Every gate that was asked, in order; a missed one ends it. */
  readonly gates: readonly GateResult[];
  readonly passed: boolean;
  readonly unasked: readonly Stage[];
}

/** Sends a file through the gates that can be asked of it, on its train window, as one trial among `deflation.minTrials`. */
export async function judgeSignals(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
  config: GatesConfig,
): Promise<FileVerdict> {
  const play = (requests: readonly SimulationRequest[]) => {
    try {
      return { ok: true as const, value: requests.map((request) => simulate(fresh(), data, request, market)) };
    } catch (thrown) {
      return { ok: false as const, kind: 'throw' as const, message: messageOf(thrown) };
    }
  };
  const unasked = async () => ({ ok: false as const, kind: 'policy' as const, message: 'not asked of a file' });
  const workbench: Workbench = {
    folds: 0,
    ...inTurn(async (requests) => play(requests)),
    simulate: async (_, requests) => play(requests),
    surrogates: unasked,
    audit: unasked,
    close: async () => {},
  };
  const off = [...new Set([...config.off, ...UNASKED])];
  const context = {
    ...{ config: { ...config, off }, params: {}, family: 'signals', universe: true },
    ...{ train: data[0].range, workbench, history: emptyHistory() },
  };
  const { gates, outcome } = await judge(context, 0);
  return { gates, passed: outcome === 'keep', unasked: off };
}
