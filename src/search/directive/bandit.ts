import { beta, pick, type Random } from '../../base/random.ts';
import type { FamilyRecord, History, Rung } from '../memory/records.ts';
import type { SearchSwitches } from './directive.ts';
import { newRungs } from './progress.ts';

/** Trials that the other families' record counts for, against a family's own. */
const PRIOR = 2;

/** Correlation with a keep from which a candidate is the same idea (the selection gate's own limit), and what is left of a family's worth then. */
export const SAME_IDEA = 0.5;
const LEFT = 0.1;

export interface FamilyChoice {
  /** Null when none is known. */
  readonly family: string | null;
  readonly why: string;
}

/**
 * Thompson sampling (Thompson 1933; Chapelle & Li 2011) over families: each one's chance of passing each rung is drawn from its posterior,
 * whose prior is what all families together did. A family that trades like a keep is worth little.
 */
export function chooseFamily(
  history: History,
  known: readonly string[],
  random: Random,
  switches: SearchSwitches,
): FamilyChoice {
  const names = [...new Set([...known, ...history.families.keys()])];
  if (names.length === 0) return { family: null, why: 'no family is known: found one' };
  if (!switches.families) return { family: pick(random, names), why: 'drawn by lot' };
  const prior = sumOf([...history.families.values()]).map(({ tried, passed }) => (passed + 1) / (tried + 2));
  let [best, family] = [-1, names[0]];
  for (const name of names) {
    const record = history.families.get(name);
    let worth = switches.novelty && record ? 1 - (1 - LEFT) * Math.min(1, record.likeKept / SAME_IDEA) : 1;
    for (const [rung, { tried, passed }] of (record?.rungs ?? newRungs()).entries()) {
      const success = PRIOR * prior[rung] + passed;
      worth *= beta(random, success, PRIOR + tried - success);
    }
    if (worth > best) [best, family] = [worth, name];
  }
  const record = history.families.get(family);
  const told = record ? `after ${record.trials} trials and ${record.keep} keeps` : 'untried';
  return { family, why: `family ${family}, ${told}, was drawn by its chance to pass` };
}

/** The rungs of all families together. */
function sumOf(records: readonly FamilyRecord[]): Rung[] {
  const sum = newRungs();
  for (const { rungs } of records)
    for (const [k, { tried, passed }] of rungs.entries()) {
      sum[k].tried += tried;
      sum[k].passed += passed;
    }
  return sum;
}
