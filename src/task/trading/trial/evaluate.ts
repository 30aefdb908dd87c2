import type { EarlierTrial, TrialHistory } from '../../../gates/history.ts';
import type { StageOutcome } from '../../../gates/judge.ts';
import { evaluatePoints } from '../../../gates/pipeline.ts';
import { stateOf } from '../../../journal/state/run-state.ts';
import { earlierTrials } from '../../earlier.ts';
import type { Evaluation, EvaluationContext, Submission } from '../../task.ts';
import { candidateFrom, type Trading } from '../context.ts';

/** Evaluates charged submissions in order; neighbours in the batch that share their files share one process. */
export async function evaluateSubmissions(
  trading: Trading,
  submissions: readonly Submission[],
  context: EvaluationContext,
): Promise<Evaluation[]> {
  const earlier = earlierTrials(context);
  const looks = stateOf(context.events).lookCount;
  const taken = new Set<number>();
  const done: Evaluation[] = [];
  for (const group of groups(submissions)) {
    const first = done.length;
    const historyOf = (index: number, sofar: readonly StageOutcome[]): TrialHistory => {
      const { n, rivals = [], looks: before = looks, trainOnly } = context.charged[first + index];
      return {
        trials: n,
        earlier: [...rivals, ...earlier, ...asEarlier(submissions, context, [...done, ...sofar])],
        looks: before + taken.size,
        trainOnly,
        look: async () => {
          const number = await context.look(first + index);
          taken.add(first + index);
          return number;
        },
      };
    };
    const files = candidateFrom(group[0].candidate, group[0].files);
    const probed = await trading.held.take(files);
    const started = performance.now() - (probed?.probeMs ?? 0);
    const outcomes = await evaluatePoints({
      files,
      points: group.map(({ params }) => params),
      historyOf,
      frozen: trading.frozen,
      market: trading.market,
      gates: trading.gates,
      signal: context.signal,
      spares: trading.spares,
      openBench: trading.openBench,
      workbench: probed?.bench,
    });
    const shared = sharedSeconds(outcomes, started);
    done.push(
      ...outcomes.map((outcome, index) =>
        toEvaluation({ ...outcome, seconds: outcome.seconds + shared }, taken.has(first + index)),
      ),
    );
  }
  return done;
}

/** Seconds per trial of what a batch shares: the probe, and ending the processes. */
function sharedSeconds(outcomes: readonly StageOutcome[], started: number): number {
  const own = outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
  return Math.max(0, (performance.now() - started) / 1000 - own) / outcomes.length;
}

/** A look that the budget refused has no answer to remember. */
function toEvaluation({ stageMs: _, selectionSharpe, ...outcome }: StageOutcome, looked: boolean): Evaluation {
  if (!looked) return outcome;
  return { ...outcome, heldBack: { passed: outcome.outcome === 'keep', sharpe: selectionSharpe } };
}

/** Trials of the same batch that are done, for those behind them. */
function asEarlier(
  submissions: readonly Submission[],
  { charged }: EvaluationContext,
  done: readonly (Evaluation | StageOutcome)[],
): EarlierTrial[] {
  return done.map((each, i) => ({
    trial: charged[i].trial,
    family: submissions[i].family,
    fingerprint: each.fingerprint,
    returns: each.returns,
    score: each.score,
    outcome: each.outcome,
    selectionSharpe: ('selectionSharpe' in each ? each.selectionSharpe : each.heldBack?.sharpe) ?? null,
  }));
}

function groups(submissions: readonly Submission[]): Submission[][] {
  const found: Submission[][] = [];
  for (const submission of submissions) {
    const open = found.at(-1);
    if (
      open &&
      open[0].candidate === submission.candidate &&
      Object.entries(submission.files).every(([name, text]) => open[0].files[name] === text)
    )
      open.push(submission);
    else found.push([submission]);
  }
  return found;
}
