import type { Params } from '../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import { Series, valuesOf } from '../../strategy/series.ts';
import type { Prepared } from './prepare.ts';

/**
 * The candidate's indicators over all bars of one symbol, by name; those of an object of series as `bands.upper`. Throws
 * TypeError for what is not a series of these bars.
 */
export function columnsOf(
  strategy: StrategyDefinition,
  prepared: Prepared,
  params: Params,
): Readonly<Record<string, Float64Array>> {
  if (strategy.indicators === undefined) return {};
  const { length } = prepared.frame(strategy.timeframe);
  const columns: Record<string, Float64Array> = Object.create(null);
  const made = strategy.indicators(prepared.series(strategy.timeframe, strategy.calendar), params);
  for (const [name, series] of Object.entries(made).flatMap(([name, value]) => named(name, value))) {
    const values = valuesOf(series);
    if (values.length !== length) {
      throw new RangeError(
        `indicator "${name}" has ${values.length} values for ${length} bars; use tf() for another timeframe`,
      );
    }
    columns[name] = values;
  }
  return columns;
}

function named(name: string, value: object): [name: string, series: Series][] {
  if (value instanceof Series || typeof value !== 'object' || value === null) return [[name, value as Series]];
  return Object.entries(value).map(([part, series]) => [`${name}.${part}`, series as Series]);
}
