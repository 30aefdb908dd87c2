import { firstIndex } from '../../../base/numbers.ts';
import type { Random } from '../../../base/random.ts';
import { DAY, type Range } from '../../../market/bars.ts';
import type { SimulationResult } from '../../contract.ts';
import { DECISION_WIDTH, type DecisionLog } from '../../orders/decisions.ts';
import { agreementOfChanges, pairedChanges } from './changes.ts';
import type { Replay } from './replay.ts';

/** Runs, one of each part of the window, their length, and how many of its days are not compared: it lacks what was held. */
const COUNT = 8;
const LENGTH = 60;
const SETTLED = 10;
/**
 * A difference counts a quarter: stops of another entry keep a rule out of step for a while (macd-trend of the library: .90), where signs from a
 * landmark that is out of sight come to .5.
 */
const ALLOWANCE = 4;

/**
 * Agreement of short runs, which begin on days all over a window, with the run over the whole of it. A counter that starts at a landmark
 * of the window has the landmark in few of them. Each is brought to the size of the true one: what was bought long before has grown since.
 * `play`: a run over a part of the window, which sees no bars before it but those of the warm-up. 1 where the window is too short.
 */
export function restartAgreement(
  { log, result: truth }: Replay,
  { from, to }: Range,
  random: Random,
  play: (part: Range) => SimulationResult,
): number {
  const whole = Math.floor((to - from) / DAY);
  const days = Math.min(LENGTH, Math.floor(whole / 3));
  const settled = Math.floor((days * SETTLED) / LENGTH);
  const [own, others]: [number[], number[]] = [[], []];
  for (let k = 0; k < COUNT; k++) {
    const begin = from + Math.floor((k + random()) * ((whole - days) / COUNT)) * DAY;
    // What is held on that day was asked for before it: until the next order of the true run nothing says whether this one knows the rule.
    const acts = firstOrder(log, begin);
    // The last day closes what is held.
    const compared = { from: Math.max(begin + settled * DAY, acts), to: begin + (days - 1) * DAY };
    if (compared.from >= compared.to) continue;
    const [a, b] = pairedChanges(truth, play({ from: begin, to: begin + days * DAY }), compared);
    const factor = sizeOf(b) > 0 ? sizeOf(a) / sizeOf(b) : 1;
    own.push(...a);
    others.push(...b.map((change) => factor * change));
  }
  return 1 - (1 - agreementOfChanges([own, others])) / ALLOWANCE;
}

/** Time of the first order at or after a time, epoch ms; Infinity where none is given. */
function firstOrder({ values, length }: DecisionLog, from: number): number {
  const row = firstIndex(length, (i) => values[i * DECISION_WIDTH] >= from);
  return row < length ? values[row * DECISION_WIDTH] : Number.POSITIVE_INFINITY;
}

function sizeOf(changes: readonly number[]): number {
  return changes.reduce((sum, change) => sum + Math.abs(change), 0);
}
