import { dateOf } from '../../backtest/compile/literals.ts';
import type { MemoryReport } from '../../backtest/contract.ts';
import { atLeast, plain } from '../check.ts';
import type { GateResult } from '../verdict.ts';
import type { StageContext } from './stage.ts';

/**
 * A candidate that recognises levels of prices or volumes, or counts the bars from the start of the window, remembers instead of trading. A refusal names
 * the numbers of its code that may be what it remembers: prices and dates of the window.
 */
export function memoryGates(
  { scaled, agreement, exchanged, ruined = false, prices }: MemoryReport,
  { config, train, numbers = [] }: Pick<StageContext, 'config' | 'train' | 'numbers'>,
): GateResult[] {
  const { minAgreement } = config.causality;
  const [least, most] = prices;
  const levels = numbers.filter((number) => number >= least && number <= most);
  const dates = numbers.filter((number) => {
    const days = dateOf(number);
    return days !== undefined && days.from < train.to && days.to > train.from;
  });
  const knows = scaled && `${scaled}${named(levels, `lie between the prices ${least} and ${most} of the window`)}`;
  const levelsGate = plain(
    'causality',
    'price-levels',
    scaled === null,
    'leak',
    knows ?? 'the same decisions on scaled prices',
  );
  // Said as what it is: a later start that is not ruined on the same day would look like a counter of bars.
  if (ruined && agreement < minAgreement) {
    const words = 'ruined on the train window: a later start has nothing to agree with';
    return [levelsGate, plain('causality', 'solvent', false, 'risk', words)];
  }
  return [
    levelsGate,
    ...(exchanged === undefined
      ? []
      : [
          atLeast('causality', 'names', exchanged, minAgreement, {
            class: 'leak',
            label: 'agreement with the names exchanged',
            digits: 3,
            note:
              exchanged >= minAgreement
                ? undefined
                : 'which symbols it knows by name or place is memory: choose them under symbols in the YAML; now.of may name two as references, but none where names are hidden (anonymous)',
          }),
        ]),
    atLeast('causality', 'later-start', agreement, minAgreement, {
      class: 'leak',
      label: 'agreement after a later start',
      digits: 3,
      note:
        agreement >= minAgreement
          ? undefined
          : `a counter of bars is a calendar${named(dates, 'look like dates of the window')}`,
    }),
  ];
}

function named(numbers: readonly number[], what: string): string {
  return numbers.length === 0 ? '' : `; in the code ${numbers.slice(0, 5).join(', ')} ${what}`;
}
