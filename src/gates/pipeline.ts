import { addAbortListener } from 'node:events';
import type { Spares } from '../backtest/box/spares.ts';
import { type Compiled, compileCandidate, type NotCompiled } from '../backtest/compile/compile.ts';
import { closing } from '../base/closing.ts';
import { progress, say } from '../base/draw/terminal.ts';
import { DAY } from '../market/bars.ts';
import type { MarketConfig } from '../market/config.ts';
import type { FrozenWindows } from '../market/snapshot.ts';
import { freeAxes } from '../strategy/axes.ts';
import type { CandidateFiles, Params } from '../strategy/candidate.ts';
import { plain } from './check.ts';
import type { GatesConfig } from './config.ts';
import type { Look, TrialHistory } from './history.ts';
import { judge, type StageOutcome } from './judge.ts';
import type { Tuning } from './tuning/walk.ts';
import { type Bench, boxWorkbench } from './workbench/box-workbench.ts';
import type { Workbench } from './workbench/workbench.ts';

/** What a trial is evaluated with. The holdout is left out of `frozen` by type. */
export interface EvaluationSetting {
  readonly frozen: Pick<FrozenWindows, 'train' | 'selection' | 'universes'>;
  readonly market: MarketConfig;
  readonly gates: GatesConfig;
  readonly signal?: AbortSignal;
  readonly spares?: Spares;
  /** Where candidates are simulated; without it in evaluation processes of this host. */
  readonly openBench?: (bench: Bench) => Workbench;
}

export interface EvaluationInput extends EvaluationSetting {
  readonly files: CandidateFiles;
  /** Handed in when the caller has compiled already. */
  readonly compiled?: Compiled | NotCompiled;
  readonly params: Params;
  readonly history: TrialHistory;
}

/** Runs one charged trial through every stage. Never throws for what the candidate does: that is a verdict. */
export async function evaluateCandidate(input: EvaluationInput): Promise<StageOutcome> {
  const [outcome] = await evaluatePoints({ ...input, points: [input.params], historyOf: () => input.history });
  return outcome;
}

export interface PointsInput extends EvaluationSetting {
  readonly files: CandidateFiles;
  readonly compiled?: Compiled | NotCompiled;
  /** Opened before for these very files and closed here; without it the trial opens its own. */
  readonly workbench?: Workbench;
  /** Parameter points of one candidate, each a charged trial. */
  readonly points: readonly Params[];
  /** What the run knows before point `index`, given the outcomes of the points before it. */
  readonly historyOf: (index: number, done: readonly StageOutcome[]) => TrialHistory;
}

/** The same for the points of a sweep: compiled once, one evaluation process for all, results in the order of the points. */
export async function evaluatePoints(input: PointsInput): Promise<StageOutcome[]> {
  const { frozen, market, gates, signal, spares, points, openBench = boxWorkbench } = input;
  const started = performance.now();
  const compiled = input.compiled ?? (await compileCandidate(input.files));
  const staticMs = performance.now() - started;
  if (!compiled.ok) {
    await input.workbench?.close();
    return points.map(() => refused(compiled, staticMs));
  }
  const passed = plain('static', 'compiles', true, 'policy', 'policy, types and syntax');
  const days = frozen.selection.reduce((sum, [fold]) => sum + (fold.range.to - fold.range.from) / DAY, 0);
  const { code, config } = compiled;
  const { symbols, universe } = config;
  const own = { code, symbols, universe, frozen, market, limits: gates.limits, signal, spares };
  await using workbench = closing(input.workbench ?? openBench(own));
  // One that was opened before knows no signal of this trial's.
  using _ = signal && addAbortListener(signal, () => void workbench.close());
  const done: StageOutcome[] = [];
  const show = progress();
  try {
    for (const [index, params] of points.entries()) {
      const inner = input.historyOf(index, done);
      let looked: Promise<Look> | undefined;
      const look = () => {
        looked ??= Promise.try(inner.look);
        return looked;
      };
      const history: TrialHistory = { ...inner, look };
      const judgedOn = (bench: Workbench) =>
        judge(
          {
            config: gates,
            params: { ...compiled.defaults, ...compiled.config.params, ...params },
            tuning: tuningOf(compiled, params, frozen.train),
            family: compiled.family,
            seasonal: compiled.seasonal,
            universe: compiled.universe,
            numbers: compiled.numbers,
            train: frozen.train[0].range,
            workbench: bench,
            history,
            onProgress: show,
          },
          days,
        );
      const first = await judgedOn(workbench);
      const outcome = input.openBench && first.outcome === 'keep' ? await again(first, own, judgedOn) : first;
      done.push({
        ...outcome,
        gates: [passed, ...outcome.gates],
        seconds: outcome.seconds + staticMs / 1000 / points.length,
        stageMs: { static: staticMs / points.length, ...outcome.stageMs },
      });
    }
    return done;
  } finally {
    show();
  }
}

/**
 * A keep, judged once more in evaluation processes of this host: what others answer has the right shape, and nothing else says that it is true. The
 * look at selection is the one that was taken.
 */
async function again(
  first: StageOutcome,
  own: Bench,
  judgedOn: (bench: Workbench) => Promise<StageOutcome>,
): Promise<StageOutcome> {
  await using here = closing(boxWorkbench(own));
  using _ = own.signal && addAbortListener(own.signal, () => void here.close());
  const second = await judgedOn(here);
  if (second.outcome !== 'keep' || second.fingerprint !== first.fingerprint)
    say(
      `workers answered what this host does not find: kept by them, ${second.outcome === 'keep' ? 'another equity curve' : second.outcome} here, which counts. One of them is broken, or somebody writes answers with the role of config/workers.sql: end them, and change its password`,
    );
  return { ...second, seconds: first.seconds + second.seconds };
}

function refused({ stage, problems }: NotCompiled, staticMs: number): StageOutcome {
  return {
    outcome: 'crash',
    gates: [plain('static', stage, false, stage === 'policy' ? 'policy' : 'crash', problems.join('; '))],
    metrics: {},
    score: null,
    returns: new Float64Array(),
    fingerprint: null,
    seconds: staticMs / 1000,
    stageMs: { static: staticMs },
    selectionSharpe: null,
    tuned: null,
  };
}

/** What is tuned: the ranges of the file, but for those that the YAML or the trial fixes. */
function tuningOf(
  { axes, defaults, config }: Compiled,
  params: Params,
  train: EvaluationSetting['frozen']['train'],
): Tuning | undefined {
  const given = { ...config.params, ...params };
  const free = freeAxes(axes, given);
  if (Object.keys(free).length === 0) return undefined;
  const fixed = Object.fromEntries(
    Object.entries({ ...defaults, ...given }).filter(([name]) => !Object.hasOwn(free, name)),
  );
  return { axes: free, fixed, seed: train.map(({ fingerprint }) => fingerprint).join(' ') };
}
