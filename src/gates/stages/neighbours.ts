import { median } from '../../base/numbers.ts';
import type { Params } from '../../strategy/candidate.ts';
import { atLeast, plain } from '../check.ts';
import { evidenceOf } from '../evidence.ts';
import { NEUTRAL, type StageAnswer, type StageContext, type TrainFindings } from './stage.ts';

/** A number in the code is a parameter too, and one that cannot be moved cannot be tested. */
const LIFT = 'declare the numbers that decide under params and use them as p.name';

/**
 * Every parameter one step down and one step up: a neighbour that crashes counts as a Sharpe ratio of 0. A parameter that changes
 * not one trade either way is no neighbour: with enough of them beside it a fragile one would be outvoted.
 */
export async function neighboursStage(context: StageContext, train: TrainFindings): Promise<StageAnswer> {
  const { config, params, workbench } = context;
  const neighbours = neighboursOf(params, config.neighbours.step);
  if (neighbours.length === 0)
    return [plain('neighbours', 'median', false, 'parameter_fragile', `no parameter to move: ${LIFT}`)];
  const found: { readonly name: string; readonly sharpe: number; readonly same: boolean }[] = [];
  for (const neighbour of neighbours) {
    const name = Object.keys(params).find((key) => neighbour[key] !== params[key]) ?? '';
    const request = { params: neighbour, scenario: NEUTRAL, detail: 'summary' as const };
    const answer = await workbench.simulate('train', [request]);
    if (!answer.ok && answer.kind !== 'throw') return answer;
    const sharpe = answer.ok && !answer.value[0].ruined ? evidenceOf(answer.value[0]).sharpe : 0;
    const same = answer.ok && answer.value[0].equityFingerprint === train.result.equityFingerprint;
    found.push({ name, sharpe: Number.isFinite(sharpe) ? sharpe : 0, same });
  }
  const acting = new Set(found.flatMap(({ name, same }) => (same ? [] : [name])));
  const sharpes = found.flatMap(({ name, sharpe }) => (acting.has(name) ? [sharpe] : []));
  if (sharpes.length === 0)
    return [plain('neighbours', 'median', false, 'parameter_fragile', `no parameter changes a trade: ${LIFT}`)];
  const stage = 'neighbours';
  const own = train.evidence.sharpe;
  const around = `${sharpes.length} neighbours`;
  return [
    atLeast(
      {
        stage,
        name: 'median',
        label: 'median sharpe of the neighbours',
        value: median(sharpes),
        class: 'parameter_fragile',
        note: `own ${own.toFixed(2)}, ${around}`,
      },
      own * config.neighbours.minMedianShare,
    ),
    atLeast(
      {
        stage,
        name: 'positive',
        label: 'share of neighbours above 0',
        value: sharpes.filter((sharpe) => sharpe > 0).length / sharpes.length,
        class: 'parameter_fragile',
        note: around,
      },
      config.neighbours.minPositive,
    ),
  ];
}

/** One step either way in each parameter; whole numbers stay whole and move by at least 1, and never reach 0 from above. A parameter of 0 is a switch and stays. */
export function neighboursOf(params: Params, step: number): Params[] {
  return Object.entries(params).flatMap(([name, value]) => {
    const size = Number.isInteger(value) ? Math.max(1, Math.round(Math.abs(value) * step)) : Math.abs(value) * step;
    const moved = [value - size, value + size].filter((to) => value !== 0 && Math.sign(to) === Math.sign(value));
    return moved.map((to) => ({ ...params, [name]: to }));
  });
}
