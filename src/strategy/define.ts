import type { Params } from './candidate.ts';
import type { IndicatorValue, StrategyDefinition, StrategySource } from './definition.ts';

/**
 * States a strategy. It only types and freezes what it is given; the engine checks it when it is run, so that a
 * strategy that is wrong fails as a candidate and never as an import.
 */
export function defineStrategy<
  P extends Params,
  I extends Readonly<Record<string, IndicatorValue>> = Record<never, IndicatorValue>,
  S extends boolean = false,
  U extends boolean = false,
>(source: StrategySource<P, I, S, U>): StrategyDefinition {
  return Object.freeze({ ...source }) as unknown as StrategyDefinition;
}
