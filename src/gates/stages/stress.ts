import type { BoxFailure, Scenario } from '../../backtest/contract.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { atLeast } from '../check.ts';
import type { GatesConfig } from '../config.ts';
import { evidenceOf } from '../evidence.ts';
import type { GateResult } from '../verdict.ts';
import { type StageContext, trainRequest } from './stage.ts';

/** How much larger the account is in the capacity figure. */
const CAPACITY = 10;

/** What the worse worlds left, and the annual Sharpe ratio with 10 times the cash (capacity; never a gate). */
export interface StressAnswer {
  readonly gates: readonly GateResult[];
  readonly capacitySharpe: number;
}

/**
 * The train window again in worse worlds, each on its own: higher costs; late orders; missed entries; fills that rested pay what
 * bouncing between bid and ask gave them, half a spread.
 */
export async function stressStage(context: StageContext): Promise<StressAnswer | BoxFailure> {
  const { config, workbench } = context;
  const worlds = worldsOf(config.stress);
  const larger = { ...NEUTRAL, name: 'capacity', cashMultiplier: CAPACITY };
  const requests = [...worlds, larger].map((scenario) => trainRequest(context, scenario));
  const answer = await workbench.simulate('train', requests);
  if (!answer.ok) return answer;
  const results = answer.value.slice(0, worlds.length);
  const sharpes = results.map((result) => (result.ruined ? Number.NaN : evidenceOf(result).sharpe));
  const gates = results.map((result, i) =>
    atLeast('stress', worlds[i].name, sharpes[i], config.stress.minSharpe, {
      class: ['costs', 'bounce'].includes(worlds[i].name) ? 'cost_fragile' : 'execution_fragile',
      label: `sharpe with ${LABELS[worlds[i].name]}`,
      note: result.ruined ? 'ruined' : undefined,
    }),
  );
  return { gates, capacitySharpe: evidenceOf(answer.value[worlds.length]).sharpe };
}

const LABELS: Record<string, string> = {
  costs: 'higher costs',
  delay: 'late orders',
  missed: 'missed entries',
  bounce: 'half a spread on resting fills',
};

function worldsOf({ costMultiplier, delayBars, missEvery, restingSpreads }: GatesConfig['stress']): Scenario[] {
  const worlds: Scenario[] = [
    { ...NEUTRAL, name: 'costs', costMultiplier },
    { ...NEUTRAL, name: 'delay', delayBars },
    { ...NEUTRAL, name: 'missed', missEvery },
    { ...NEUTRAL, name: 'bounce', restingSpreads },
  ];
  return worlds.filter(
    ({ costMultiplier: c, delayBars: d, missEvery: m, restingSpreads: r = 0 }: Scenario) =>
      c !== 1 || d !== 0 || m !== 0 || r !== 0,
  );
}
