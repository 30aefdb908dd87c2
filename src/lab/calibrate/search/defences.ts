import type { SimulationResult } from '../../../backtest/contract.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import { benchmarkReturns, dailyReturns } from '../../../metrics/returns.ts';

/** What stands between a cheat and a keep, each of which can be switched off in a calibration. */
const DEFENCES = ['insideDay', 'null', 'driftNull', 'memory', 'ledger', 'families'] as const;
export type Defence = (typeof DEFENCES)[number];

/** All defences, all but one, one alone, none. */
export const SETTINGS: readonly { readonly name: string; readonly off: readonly Defence[] }[] = [
  { name: 'all on', off: [] },
  ...DEFENCES.map((defence) => ({ name: `no ${defence}`, off: [defence] })),
  ...DEFENCES.map((defence) => ({ name: `${defence} alone`, off: DEFENCES.filter((each) => each !== defence) })),
  { name: 'none', off: DEFENCES },
];

/** The gates without some defences. The drift null, the ledger and the risk within the day are no matter of the gates' configuration alone. */
export function gatesWithout(gates: GatesConfig, off: readonly Defence[]): GatesConfig {
  const without = (defence: Defence) => off.includes(defence);
  return {
    ...gates,
    off: [
      ...gates.off,
      ...(without('memory') ? (['causality'] as const) : []),
      // By name alone every trial of a cheat is a family of its own, on which the gate is silent.
      ...(without('families') ? (['pbo'] as const) : []),
    ],
    surrogates: {
      ...gates.surrogates,
      ...(without('null') && without('driftNull') && { count: 0 }),
      ...(without('memory') && { minAgreement: 0 }),
    },
    train: { ...gates.train, ...(without('insideDay') && { maxHiddenRisk: Number.POSITIVE_INFINITY }) },
  };
}

/** The result as daily closes alone show it: each day's variation is its squared return. */
export function byDailyCloses(result: SimulationResult): SimulationResult {
  const squares = (returns: Float64Array) => returns.map((change) => change * change);
  return {
    ...result,
    dayVariation: squares(dailyReturns(result)),
    benchmarkVariation: squares(benchmarkReturns(result)),
  };
}
