import type { MemoryReport } from '../../backtest/contract.ts';
import { atLeast, plain } from '../check.ts';
import type { GateResult } from '../verdict.ts';

/**
 * Least share of the daily returns that a later start must leave as they are. Over the 23 strategies of the library the worst was
 * .990 (donchian-breakout, 400,000 minutes); monthly signs behind a counter of bars come to .3.
 */
const LEAST_AGREEMENT = 0.95;

/** A candidate that recognises price levels, or counts the bars from the start of the window, remembers instead of trading. */
export function memoryGates({ scaled, agreement }: MemoryReport): GateResult[] {
  return [
    plain('causality', 'price-levels', scaled === null, 'leak', scaled ?? 'the same decisions on scaled prices'),
    atLeast(
      {
        stage: 'causality',
        name: 'later-start',
        label: 'agreement after a later start',
        value: agreement,
        class: 'leak',
        digits: 3,
        note: agreement >= LEAST_AGREEMENT ? undefined : 'a counter of bars is a calendar',
      },
      LEAST_AGREEMENT,
    ),
  ];
}
