import { beta, pick, type Random } from '../../base/random.ts';
import type { RunEvent } from '../../journal/events.ts';
import { activeHints } from '../hints/hints.ts';
import { historyOf } from '../memory/history.ts';
import type { CycleRecord, FamilyRecord, History, Rung } from '../memory/records.ts';
import { type Directive, EVERYTHING_ON, type SearchSwitches } from './directive.ts';
import { newRungs } from './progress.ts';

export interface DecideOptions {
  /** The cycle that the directive is for. */
  readonly cycle: number;
  /** Families that are known without being tried: those of the library. The agent may always found another. */
  readonly families: readonly string[];
  /** With several islands: the one that works on it. It obeys the routes of its own cycles only. */
  readonly island?: number;
  /** Parts switched off, for measuring them. */
  readonly switches?: SearchSwitches;
}

type Verdict = CycleRecord['verdict'];

/**
 * What the next cycle does. The same journal and seed give the same directive. The first that applies wins: the route of the last verdict (a
 * near miss that resembles a keep is not patched), a hint that names a family, a family by its chance to pass.
 */
export function decideDirective(events: readonly RunEvent[], options: DecideOptions, random: Random): Directive {
  const history = historyOf(events);
  const { switches = EVERYTHING_ON } = options;
  const verdict = lastVerdict(history, options.island);
  const route = routed(verdict);
  const pointless =
    route?.kind === 'patch' && (!switches.patches || (switches.novelty && resemblesKept(history, verdict)));
  const bound = (pointless ? null : route) ?? hinted(events, options);
  if (bound) return bound;
  const { family, why } = chooseFamily(history, options.families, random, switches);
  const chosen = { ...free(why), family };
  if (route === null) return chosen;
  return { ...chosen, why: `${why} (${route.base} is not patched: it trades like what is kept)` };
}

/** The newest verdict, of this island where there are several. A cycle that a fault ended has no verdict. */
function lastVerdict({ cycles }: History, island: number | undefined): Verdict {
  const ended = cycles.findLast(
    ({ verdict, started }) => verdict !== null && (island === undefined || started.island === island),
  );
  return ended?.verdict ?? null;
}

/** A patched look-alike must still beat the keep by a margin on held-back data, so patching it is wasted. */
function resemblesKept({ byTrial, families }: History, verdict: Verdict): boolean {
  const like = byTrial.get(verdict?.trial ?? '')?.likeKept ?? families.get(verdict?.family ?? '')?.likeKept ?? 0;
  return like >= SAME_IDEA;
}

/** The route of the newest verdict binds the next cycle. */
function routed(verdict: Verdict): Directive | null {
  if (!verdict?.candidate || verdict.route === 'new') return null;
  const { candidate, family, cycle } = verdict;
  if (verdict.route === 'fix')
    return { kind: 'fix', why: `${candidate} crashed in cycle ${cycle}`, base: candidate, family, gate: null };
  const gate = verdict.reasons.find((reason) => !reason.passed)?.gate ?? null;
  const why = `${candidate} missed only ${gate ?? 'one gate'} in cycle ${cycle}, within its margin`;
  return { kind: 'patch', why, base: candidate, family, gate };
}

/** A hint that names a family, and that no cycle has yet worked under, redirects the search once. */
function hinted(events: readonly RunEvent[], options: DecideOptions): Directive | null {
  const hint = activeHints(events, options.cycle).find(({ family, seen }) => family !== null && !seen);
  return hint ? { ...free(`hint ${hint.id} asks for family ${hint.family}`), family: hint.family } : null;
}

function free(why: string): Directive {
  return { kind: 'new', why, base: null, family: null, gate: null };
}

/** Trials that the other families' record counts for, against a family's own. */
const PRIOR = 2;

/** Correlation with a keep from which a candidate is the same idea (the selection gate's own limit), and what is left of a family's worth then. */
const SAME_IDEA = 0.5;
const LEFT = 0.1;

interface FamilyChoice {
  /** Null when none is known. */
  readonly family: string | null;
  readonly why: string;
}

/**
 * Thompson sampling (Thompson 1933; Chapelle & Li 2011) over families: each one's chance of passing each rung is drawn from its posterior,
 * whose prior is what all families together did. A family that trades like a keep is worth little.
 */
function chooseFamily(
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
