import type { Random } from '../../base/random.ts';
import { pick } from '../../base/random.ts';
import { thinness } from '../memory/behaviour.ts';
import type { FamilyRecord, History } from '../memory/records.ts';
import type { SearchSwitches } from './directive.ts';

/** Exploration constant of UCB1 (Auer et al. 2002) for rewards in [0, 1]. At 1 the trials spread evenly over twenty families. */
const OPTIMISM = 0.4;

/** Share of its worth that a family loses when it trades exactly like a keep. */
const SHADE = 0.6;

/** The largest bonus for trading in a thin cell of the archive. */
const THIN_BONUS = 0.15;

/** Each keep lowers a family's worth by this much, up to three keeps. */
const GIVEN = 0.1;

export interface FamilyChoice {
  readonly family: string;
  readonly why: string;
}

/** An untried family first, then the largest upper confidence bound of how near its trials came to passing. Null when no family is known. */
export function chooseFamily(
  history: History,
  known: readonly string[],
  random: Random,
  switches: SearchSwitches,
): FamilyChoice | null {
  const untried = known.filter((family) => !history.families.has(family));
  if (untried.length > 0 && switches.novelty) {
    return { family: pick(random, untried), why: `${untried.length} of ${known.length} known families are untried` };
  }
  const tried = [...history.families.values()];
  if (tried.length === 0 || (!switches.novelty && random() * known.length < untried.length)) {
    return known.length === 0 ? null : { family: pick(random, untried), why: 'drawn by lot' };
  }
  const total = tried.reduce((sum, { trials }) => sum + trials, 0);
  const ranked = tried
    // The tiny random part only breaks ties.
    .map((record) => ({ record, worth: worthOf(record, total, history, switches) + random() * 1e-9 }))
    .sort((a, b) => b.worth - a.worth);
  const { family, trials, keep } = ranked[0].record;
  return { family, why: `family ${family} has the best prospects after ${trials} trials and ${keep} keeps` };
}

/**
 * The upper confidence bound of a family. Its prospects are a third each of: mean reward, best reward, rank of its best score
 * among the families. Few trials and a thin cell raise the bound. Earlier keeps lower it, because the next keep would be
 * similar; so does likeness to a keep, because a look-alike must beat that keep on held-back data.
 */
function worthOf(family: FamilyRecord, total: number, history: History, { archive, novelty }: SearchSwitches): number {
  const open = Math.max(1, family.trials - family.keep);
  const mean = (family.reward - family.keep) / open;
  const bonus =
    archive && family.best?.cell != null ? THIN_BONUS * thinness(history.cells.get(family.best.cell) ?? 0) : 0;
  const given = GIVEN * Math.min(3, family.keep);
  const prospects = (mean + family.bestReward + scoreRank(family, history)) / 3;
  const shaded = (prospects + bonus) * (1 - SHADE * (novelty ? family.likeKept : 0));
  return shaded + OPTIMISM * Math.sqrt(Math.log(total + 1) / family.trials) - given;
}

/** Share of the families whose best score is lower, 0 without a score. */
function scoreRank({ bestScore }: FamilyRecord, { families }: History): number {
  if (bestScore === null) return 0;
  let lower = 0;
  for (const other of families.values()) if (other.bestScore === null || other.bestScore < bestScore) lower++;
  return lower / families.size;
}
