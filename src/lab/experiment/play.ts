import { NEUTRAL } from '../../backtest/market.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import type { EarlierTrial } from '../../gates/history.ts';
import { judge, type StageOutcome } from '../../gates/judge.ts';
import { type RouteStreak, verdictOf } from '../../gates/route.ts';
import { DAY } from '../../market/bars.ts';
import { dailyReturns } from '../../metrics/metrics.ts';
import { decideDirective } from '../../search/directive/decide.ts';
import type { Directive, SearchSwitches } from '../../search/directive/directive.ts';
import { searchState } from '../../search/directive/state.ts';
import { mostAlike } from '../../search/memory/duplicates.ts';
import { historyOf } from '../../search/memory/history.ts';
import type { ProposedTrial, Proposer } from '../../search/proposers/space.ts';
import type { Arena } from './arena.ts';
import { openRecorder, type Recorder } from './recorder.ts';
import { proposeLikeAModel } from './researcher.ts';
import { arenaWorkbench } from './workbench.ts';

/** Who proposes: the stand-in for a model under a directive with these switches, or a baseline. */
export type Player = { readonly switches: SearchSwitches } | { readonly proposer: Proposer };

/** Daily returns that are this much alike are the same trial; what the novelty rule refuses. */
const ALIKE = 0.99;
/** Proposals that one session may lose to the novelty rule before it ends. */
const REFUSALS = 5;
/** Trials of one batch of a baseline. */
const BATCH = 4;

interface Table {
  readonly arena: Arena;
  readonly run: Recorder;
  readonly earlier: EarlierTrial[];
  readonly random: Random;
  looks: number;
  refused: number;
}

export interface Played {
  readonly run: Recorder;
  /** Proposals that the novelty rule turned away at no charge. */
  readonly refused: number;
  /** Family of each keep. */
  readonly kept: readonly string[];
}

/**
 * One whole search in this process: the directive, the gates and the counting of the loop; no model, no box, no disk. It ends early when
 * the families that were kept are `enough`.
 */
export async function playSearch(
  arena: Arena,
  player: Player,
  seed: number,
  trials: number,
  enough: (kept: readonly string[]) => boolean = () => false,
): Promise<Played> {
  const run = openRecorder();
  const provenance = { data: 'arena' };
  run.append({ type: 'run.started', schema: 1, tag: `seed-${seed}`, task: 'arena', seed, provenance, config: {} });
  const table: Table = { arena, run, earlier: [], random: seededRandom(`play/${seed}`), looks: 0, refused: 0 };
  let streak: RouteStreak = { fixes: 0, patches: 0 };
  for (let cycle = 1; table.earlier.length < trials && cycle < 20 * trials; cycle++) {
    const directive = 'switches' in player ? decide(table, cycle, player.switches) : BASELINE;
    startCycle(table, cycle, directive);
    const left = trials - table.earlier.length;
    const points =
      'switches' in player
        ? await sessionOf(table, directive, player.switches, Math.min(left, 1 + Math.floor(table.random() * 2)))
        : player.proposer(historyOf(run.events), table.random, Math.min(left, BATCH));
    if (points.length === 0 && 'proposer' in player) break;
    streak = {
      fixes: directive.kind === 'fix' ? streak.fixes + 1 : 0,
      patches: directive.kind === 'patch' ? streak.patches + 1 : 0,
    };
    await playCycle(table, cycle, points, streak);
    if (enough(keptOf(table))) break;
  }
  return { run, refused: table.refused, kept: keptOf(table) };
}

function keptOf({ earlier }: Table): string[] {
  return earlier.flatMap(({ outcome, family }) => (outcome === 'keep' ? [family] : []));
}

const BASELINE: Directive = { kind: 'new', why: 'a baseline', base: null, family: null, gate: null };

function decide({ run, arena, random }: Table, cycle: number, switches: SearchSwitches): Directive {
  return decideDirective(
    run.events,
    { cycle, families: [...new Set(arena.spaces.map(({ family }) => family))], switches },
    random,
  );
}

/** What one session submits; with the novelty rule, look-alikes are sent back before they are charged. */
async function sessionOf(
  table: Table,
  directive: Directive,
  switches: SearchSwitches,
  wanted: number,
): Promise<ProposedTrial[]> {
  const points: ProposedTrial[] = [];
  for (let refusals = 0; points.length < wanted && refusals < REFUSALS; ) {
    const point = proposeLikeAModel(directive, historyOf(table.run.events), table.arena.spaces, table.random);
    const repeats = points.some((other) => fingerprintOf(other) === fingerprintOf(point));
    if (switches.novelty && (repeats || (await isRepeat(table, point)))) {
      refusals += 1;
      table.refused += 1;
    } else points.push(point);
  }
  return points;
}

async function isRepeat({ run, earlier, arena }: Table, point: ProposedTrial): Promise<boolean> {
  const fingerprint = fingerprintOf(point);
  if (historyOf(run.events).trials.some((trial) => trial.fingerprint === fingerprint)) return true;
  const { definition } = spaceOf(arena, point);
  const request = { params: { ...definition.params, ...point.params }, scenario: NEUTRAL, detail: 'summary' as const };
  const answer = await workbenchOf(arena, point).simulate('train', [request]);
  if (!answer.ok) return false;
  const probe = dailyReturns(answer.value[0]);
  return (
    mostAlike(
      probe,
      earlier.map(({ trial, returns }) => [trial, returns] as const),
      ALIKE,
    ) !== null
  );
}

function spaceOf({ spaces }: Arena, point: ProposedTrial) {
  return spaces.find(({ strategy }) => strategy === point.strategy)!;
}

function workbenchOf(arena: Arena, point: ProposedTrial) {
  return arenaWorkbench(point.strategy, spaceOf(arena, point).definition, arena.windows, arena.market, arena.played);
}

async function playCycle(
  table: Table,
  cycle: number,
  points: readonly ProposedTrial[],
  streak: RouteStreak,
): Promise<void> {
  const { run, arena } = table;
  const trials: { trial: string; evaluation: StageOutcome; point: ProposedTrial }[] = [];
  for (const [k, point] of points.entries()) {
    const trial = `${String(cycle).padStart(4, '0')}-${k + 1}`;
    const evaluation = await evaluate(table, cycle, trial, point);
    trials.push({ trial, evaluation, point });
  }
  const verdict = verdictOf(trials, streak, arena.gates);
  const point = trials.find(({ trial }) => trial === verdict.trial)?.point;
  run.append({
    type: 'verdict.given',
    cycle,
    trial: verdict.trial,
    outcome: verdict.outcome,
    route: verdict.route,
    reasons: [...verdict.reasons],
    candidate: point ? candidateOf(point) : null,
    family: point?.family ?? null,
  });
}

async function evaluate(table: Table, cycle: number, trial: string, point: ProposedTrial): Promise<StageOutcome> {
  const { run, arena, earlier } = table;
  const { definition } = spaceOf(arena, point);
  const fingerprint = fingerprintOf(point);
  run.append({
    type: 'trial.started',
    trial,
    cycle,
    n: earlier.length + 1,
    candidate: candidateOf(point),
    family: point.family,
    hypothesis: definition.hypothesis,
    fingerprint,
    codeSha256: point.strategy,
    files: {},
    params: { ...point.params },
  });
  const history = { trials: earlier.length + 1, earlier, looks: table.looks, look: () => void table.looks++ };
  const outcome = await judge(
    {
      config: arena.gates,
      params: { ...definition.params, ...point.params },
      family: point.family,
      train: arena.windows.train.range,
      workbench: workbenchOf(arena, point),
      history,
    },
    arena.windows.folds.reduce((sum, { range }) => sum + (range.to - range.from) / DAY, 0),
  );
  const { selectionSharpe, score, returns } = outcome;
  earlier.push({
    trial,
    family: point.family,
    fingerprint: outcome.fingerprint,
    returns,
    score,
    outcome: outcome.outcome,
    selectionSharpe,
  });
  run.append({
    type: 'trial.finished',
    trial,
    cycle,
    outcome: outcome.outcome,
    gates: [...outcome.gates],
    metrics: { ...outcome.metrics },
    score,
    equityFingerprint: outcome.fingerprint,
    returnsSha256: outcome.fingerprint,
    seconds: outcome.seconds,
    duplicateOf: null,
  });
  return outcome;
}

function startCycle({ run }: Table, cycle: number, directive: Directive): void {
  run.append({
    type: 'cycle.started',
    cycle,
    seed: cycle,
    directive: directive.kind,
    why: directive.why,
    base: directive.base,
    family: directive.family,
    gate: directive.gate,
    state: searchState(historyOf(run.events)).state,
    sampling: {},
    briefSha256: '',
    briefTokens: 0,
    hints: [],
  });
}

/** A point is a candidate of its own: what the scripted model does, too. */
function candidateOf(point: ProposedTrial): string {
  return `${point.strategy}-${fingerprintOf(point).slice(0, 6)}`;
}

function fingerprintOf({ strategy, params }: ProposedTrial): string {
  return sha256(`${strategy} ${canonicalJson(params)}`);
}
