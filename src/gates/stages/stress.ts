import type { Scenario } from '../../backtest/contract.ts';
import { atLeast } from '../check.ts';
import type { GatesConfig } from '../config.ts';
import { evidenceOf } from '../evidence.ts';
import { NEUTRAL, type StageAnswer, type StageContext } from './stage.ts';

/** The train window again under higher costs, late orders and missed entries, each on its own. */
export async function stressStage({ config, params, workbench }: StageContext): Promise<StageAnswer> {
  const worlds = worldsOf(config.stress);
  const requests = worlds.map((scenario) => ({ params, scenario, detail: 'summary' as const }));
  const answer = await workbench.simulate('train', requests);
  if (!answer.ok) return answer;
  return answer.value.map((result, i) =>
    atLeast(
      {
        stage: 'stress',
        name: worlds[i].name,
        label: `sharpe with ${LABELS[worlds[i].name]}`,
        value: result.ruined ? Number.NaN : evidenceOf(result).sharpe,
        note: result.ruined ? 'ruined' : undefined,
        class: worlds[i].name === 'costs' ? 'cost_fragile' : 'execution_fragile',
      },
      config.stress.minSharpe,
    ),
  );
}

const LABELS: Record<string, string> = { costs: 'higher costs', delay: 'late orders', missed: 'missed entries' };

function worldsOf({ costMultiplier, delayBars, missEvery }: GatesConfig['stress']): Scenario[] {
  const worlds = [
    { ...NEUTRAL, name: 'costs', costMultiplier },
    { ...NEUTRAL, name: 'delay', delayBars },
    { ...NEUTRAL, name: 'missed', missEvery },
  ];
  return worlds.filter(({ costMultiplier: c, delayBars: d, missEvery: m }) => c !== 1 || d !== 0 || m !== 0);
}
