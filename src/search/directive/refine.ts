import { drawWeighted, pick, type Random } from '../../base/random.ts';
import { number } from '../digest/describe.ts';
import { thinness } from '../memory/behaviour.ts';
import type { History, TrialRecord } from '../memory/records.ts';
import type { Directive, SearchSwitches } from './directive.ts';
import { rewardOf } from './progress.ts';
import { keepers, nearMisses, simplerThan, spread } from './rank.ts';

/** Times that one candidate may be the base of the same kind of directive. */
const MOST_TURNS = 2;

/** Share of its weight that a base loses when its family trades exactly like a keep. */
const SHADE = 0.8;

/** Candidates of one family among the bases that are drawn from. */
const PER_FAMILY = 2;

/** Work on something that is nearly or already good, drawn by reward and by how thin its cell of the archive is. */
export function exploit(history: History, random: Random, switches: SearchSwitches): Directive | null {
  const misses = nearMisses(history)
    .slice(0, 12)
    .map(({ trial }) => trial);
  const bases = [...spread(keepers(history), PER_FAMILY).slice(0, 12), ...misses.slice(0, 12)].filter(
    (trial) => turns(history, 'exploit', trial) < MOST_TURNS,
  );
  if (bases.length === 0) return null;
  const weight = (trial: TrialRecord) => {
    const thin = switches.archive && trial.cell !== null ? thinness(history.cells.get(trial.cell) ?? 0) : 0;
    // Families with many trials or keeps leave room for the others.
    const family = history.families.get(trial.family);
    const room = 1 - (switches.novelty ? SHADE * (family?.likeKept ?? 0) : 0);
    return (room * (rewardOf(trial) + thin)) / Math.sqrt(1 + (family?.trials ?? 0)) / (1 + (family?.keep ?? 0));
  };
  const base = drawWeighted(random, bases, weight);
  const smaller = base.outcome === 'keep' ? simplerThan(history, base) : null;
  if (smaller)
    return refinement(
      'exploit',
      smaller,
      `${smaller.candidate} does what ${base.candidate} does, with fewer parameters`,
    );
  const what = base.outcome === 'keep' ? `a keeper with score ${number(base.score)}` : 'one gate short';
  return refinement('exploit', base, `${base.candidate} is ${what}`);
}

/** Two keepers of different families. */
export function cross(history: History, random: Random): Directive | null {
  const kept = keepers(history);
  const pairs = kept.flatMap((a, i) => kept.slice(i + 1).map((b) => [a, b] as const));
  const free = pairs.filter(([a, b]) => a.family !== b.family && !crossed(history, a, b));
  if (free.length === 0) return null;
  const [a, b] = pick(random, free.slice(0, 10));
  return {
    ...refinement('cross', a, `${a.family} and ${b.family} are both kept and not yet crossed`),
    other: b.candidate,
  };
}

/** Keepers with the most parameters first: fewer at an equal score wins. */
export function simplify(history: History): Directive | null {
  const base = keepers(history)
    .filter((trial) => Object.keys(trial.params).length >= 3 && turns(history, 'simplify', trial) === 0)
    .sort((a, b) => Object.keys(b.params).length - Object.keys(a.params).length)[0];
  if (!base) return null;
  return refinement('simplify', base, `${base.candidate} has ${Object.keys(base.params).length} parameters`);
}

/** The keeper whose family has rested longest, otherwise such a near miss. */
export function restart(history: History): Directive | null {
  const lastWork = (trial: TrialRecord) => history.families.get(trial.family)?.lastCycle ?? 0;
  const old = [...keepers(history), ...nearMisses(history).map(({ trial }) => trial)];
  const base = old.sort(
    (a, b) => Number(b.outcome === 'keep') - Number(a.outcome === 'keep') || lastWork(a) - lastWork(b),
  )[0];
  if (!base) return null;
  return refinement(
    'exploit',
    base,
    `restart from ${base.candidate}, whose family rests since cycle ${lastWork(base)}`,
  );
}

function refinement(kind: Directive['kind'], base: TrialRecord, why: string): Directive {
  return { kind, why, base: base.candidate, family: base.family, gate: null };
}

function turns(history: History, kind: string, trial: TrialRecord): number {
  const names = [trial.candidate, trial.outcome === 'keep' ? simplerThan(history, trial)?.candidate : undefined];
  return history.cycles.filter(({ started }) => started.directive === kind && names.includes(started.base ?? ''))
    .length;
}

/** Whether a cross of these two families has been asked for: its reason names both. */
function crossed(history: History, a: TrialRecord, b: TrialRecord): boolean {
  return history.cycles.some(({ started }) => {
    if (started.directive !== 'cross') return false;
    const other = started.base === a.candidate ? b : started.base === b.candidate ? a : null;
    return other !== null && started.why.includes(other.family);
  });
}
