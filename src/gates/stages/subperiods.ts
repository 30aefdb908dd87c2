import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import { momentsOf } from '../../metrics/statistics/moments.ts';
import { above, atLeast } from '../check.ts';
import type { GatesConfig } from '../config.ts';
import type { GateResult } from '../verdict.ts';
import type { TrainFindings } from './stage.ts';

/** The train window in equal parts, and without its best days, on the returns that holding the market does not explain. */
export function subperiodGates(
  { evidence }: Pick<TrainFindings, 'evidence'>,
  { subperiods }: Pick<GatesConfig, 'subperiods'>,
): GateResult[] {
  const stage = 'subperiods';
  const { active } = evidence;
  const means = partsOf(active, subperiods.parts).map((part) => momentsOf(part).mean);
  const positive = means.filter((mean) => mean > 0).length / subperiods.parts;
  const best = Math.ceil((subperiods.bestDaysPerYear * active.length) / DAYS_A_YEAR);
  const rest = active.toSorted().subarray(0, Math.max(0, active.length - best));
  return [
    atLeast(stage, 'positive', positive, subperiods.minPositive, {
      class: 'regime_only',
      label: 'share of sub-periods that earn',
      note: means.map((mean) => `${(mean * DAYS_A_YEAR * 100).toFixed(0)}%`).join(' '),
    }),
    above(stage, 'bestDays', momentsOf(rest).mean * DAYS_A_YEAR, 0, {
      class: 'concentrated',
      label: `annual return without the best ${best} days`,
      digits: 3,
    }),
  ];
}

function partsOf(values: Float64Array, parts: number): Float64Array[] {
  return Array.from({ length: parts }, (_, i) =>
    values.subarray(Math.floor((i * values.length) / parts), Math.floor(((i + 1) * values.length) / parts)),
  );
}
