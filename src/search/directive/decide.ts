import { drawWeighted, pick, type Random } from '../../base/random.ts';
import type { RunEvent } from '../../journal/events.ts';
import { activeHints } from '../hints/hints.ts';
import { describeCell, thinCells } from '../memory/behaviour.ts';
import { historyOf } from '../memory/history.ts';
import type { CycleRecord, History } from '../memory/records.ts';
import { chooseFamily } from './bandit.ts';
import { type Directive, EVERYTHING_ON, type SearchSwitches } from './directive.ts';
import { escalationOf, type Step } from './escalate.ts';
import { type FreeKind, type Phase, parseProgram, phaseOf } from './phases.ts';
import { cross, exploit, restart, simplify } from './refine.ts';
import { type SearchState, searchState } from './state.ts';

export interface DecideOptions {
  /** The cycle that the directive is for. */
  readonly cycle: number;
  /** Families that are known without being tried: those of the library. The agent may always found another. */
  readonly families: readonly string[];
  /** Text of prompts/program.md, for its phases. */
  readonly program?: string;
  /** With several islands: the one that works on it. It obeys the routes of its own cycles only. */
  readonly island?: number;
  /** Parts switched off, for measuring them. */
  readonly switches?: SearchSwitches;
}

/** Correlation with a kept candidate from which a near miss is the same idea; the selection gate's own limit. */
const SAME_IDEA = 0.5;

type Verdict = CycleRecord['verdict'];

/** How often each kind is drawn, before phase and state. */
const WEIGHTS: Record<FreeKind, number> = { new: 0.5, exploit: 0.25, cross: 0.1, simplify: 0.1, moonshot: 0.05 };

/**
 * What the next cycle does. The same journal and seed give the same directive. The first that applies wins: the route of
 * the last verdict (a near miss that resembles a keep is not patched), a hint that names a family, the step against a
 * plateau, a draw within the phase.
 */
export function decideDirective(events: readonly RunEvent[], options: DecideOptions, random: Random): Directive {
  const history = historyOf(events);
  const switches = options.switches ?? EVERYTHING_ON;
  const verdict = lastVerdict(history, options.island);
  const route = routed(verdict);
  const pointless =
    switches.directive && switches.novelty && route?.kind === 'patch' && resemblesKept(history, verdict);
  const bound = (pointless ? null : route) ?? hinted(events, options);
  if (bound) return bound;
  if (!switches.directive) return { ...free('the directive is switched off'), family: null };
  const phase = phaseOf(parseProgram(options.program ?? ''), options.cycle);
  const report = searchState(history);
  const { step, cycles } = escalationOf(history, report);
  const forced = escalated(step, history, options, random);
  const chosen = forced
    ? { ...forced, why: `${report.state} for ${cycles} cycles: ${forced.why}` }
    : drawn(history, phase, report.state, { ...options, switches }, random);
  if (route === null) return chosen;
  return { ...chosen, why: `${chosen.why} (${route.base} is not patched: it trades like what is kept)` };
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
  if (verdict.route === 'fix') {
    return { kind: 'fix', why: `${candidate} crashed in cycle ${cycle}`, base: candidate, family, gate: null };
  }
  const gate = verdict.reasons.find((reason) => !reason.passed)?.gate ?? null;
  const why = `${candidate} missed only ${gate ?? 'one gate'} in cycle ${cycle}, within its margin`;
  return { kind: 'patch', why, base: candidate, family, gate };
}

/** A hint that names a family, and that no cycle has yet worked under, redirects the search once. */
function hinted(events: readonly RunEvent[], options: DecideOptions): Directive | null {
  const hint = activeHints(events, options.cycle).find(({ family, seen }) => family !== null && !seen);
  return hint ? { ...free(`hint ${hint.id} asks for family ${hint.family}`), family: hint.family } : null;
}

function escalated(step: Step, history: History, options: DecideOptions, random: Random): Directive | null {
  switch (step) {
    case 'untried':
      return leastTried(history, options.families, random);
    case 'restart':
      return restart(history);
    case 'moonshot':
      return { ...free('nothing near what was tried has helped'), kind: 'moonshot' };
    default:
      // `vary` changes sampling and brief, `ask` asks the human: the search itself goes on.
      return null;
  }
}

/** An untried family, otherwise the one with the fewest trials. */
function leastTried(history: History, families: readonly string[], random: Random): Directive {
  const trials = (family: string) => history.families.get(family)?.trials ?? 0;
  const fewest = Math.min(...families.map(trials));
  const rare = families.filter((family) => trials(family) === fewest);
  if (rare.length === 0) return free('no family is known: found one');
  const family = pick(random, rare);
  return {
    ...free(fewest === 0 ? 'an untried family is forced' : `${family} was tried least, ${fewest} times`),
    family,
  };
}

function drawn(
  history: History,
  phase: Phase,
  state: SearchState,
  options: DecideOptions & { switches: SearchSwitches },
  random: Random,
): Directive {
  const untried = options.families.filter((family) => !history.families.has(family)).length;
  const weights = phase.kinds.map((kind) => {
    // Follow up what works; explore while most families are unknown.
    const follow = kind === 'exploit' && state === 'improving' ? 2 : 1;
    const explore =
      kind === 'new' && options.switches.novelty ? 1 + (3 * untried) / Math.max(1, options.families.length) : 1;
    return { kind, weight: WEIGHTS[kind] * follow * explore };
  });
  const { kind } = drawWeighted(random, weights, ({ weight }) => weight);
  return ofKind(kind, history, options, random) ?? newFamily(history, options, random);
}

function ofKind(
  kind: FreeKind,
  history: History,
  options: DecideOptions & { switches: SearchSwitches },
  random: Random,
): Directive | null {
  if (kind === 'exploit') return exploit(history, random, options.switches);
  if (kind === 'cross') return cross(history, random);
  if (kind === 'simplify') return simplify(history);
  if (kind === 'moonshot') return { ...free('the phase allows a long shot now and then'), kind };
  return null;
}

function newFamily(history: History, options: DecideOptions & { switches: SearchSwitches }, random: Random): Directive {
  const choice = chooseFamily(history, options.families, random, options.switches);
  const directive = { ...free(choice?.why ?? 'no family is known: found one'), family: choice?.family ?? null };
  const aim = options.switches.archive ? thinCell(history, random) : null;
  return aim === null ? directive : { ...directive, aim };
}

/** An empty cell of the archive. Below 10 placed trials an empty cell says nothing. */
function thinCell(history: History, random: Random): string | null {
  const placed = [...history.cells.values()].reduce((sum, count) => sum + count, 0);
  if (placed < 10) return null;
  const empty = thinCells(history.cells);
  return empty.length === 0 ? null : describeCell(empty[Math.floor(random() * empty.length)]);
}

function free(why: string): Directive {
  return { kind: 'new', why, base: null, family: null, gate: null };
}
