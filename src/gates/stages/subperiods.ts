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
  const best = Math.ceil((subperiods.bestDaysPerYear * active.length) / DAYS_A_YEAR);
  const rest = active.toSorted().subarray(0, Math.max(0, active.length - best));
  return [
    atLeast(
      {
        stage,
        name: 'positive',
        label: 'share of sub-periods that earn',
        value: means.filter((mean) => mean > 0).length / subperiods.parts,
        class: 'regime_only',
        note: means.map((mean) => `${(mean * DAYS_A_YEAR * 100).toFixed(0)}%`).join(' '),
      },
      subperiods.minPositive,
    ),
    above(
      {
        stage,
        name: 'bestDays',
        label: `annual return without the best ${best} days`,
        value: momentsOf(rest).mean * DAYS_A_YEAR,
        class: 'concentrated',
        digits: 3,
      },
      0,
    ),
  ];
}

function partsOf(values: Float64Array, parts: number): Float64Array[] {
  return Array.from({ length: parts }, (_, i) =>
    values.subarray(Math.floor((i * values.length) / parts), Math.floor(((i + 1) * values.length) / parts)),
  );
}
