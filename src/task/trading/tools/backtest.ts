import type { Submission, TrialResult } from '../../task.ts';
import { registered } from '../../tools/hypothesis.ts';
import { answer, type RunTool, refuse, text } from '../../tools/tool.ts';
import type { Trading } from '../context.ts';
import { exampleProblem } from '../trial/refusal.ts';
import { repeatOf, submissionsOf } from '../trial/repeats.ts';
import { candidateFiles } from './candidate.ts';

/** Spends trials: the candidate's parameters, or every point of its sweep. */
export const backtest: RunTool<Trading> = async (args, cycle, trading, signal) => {
  const hypothesis = registered(cycle);
  if (!hypothesis) return refuse('Register a hypothesis first: call register_hypothesis.');
  const files = candidateFiles(cycle, text(args, 'name'));
  if (typeof files === 'string') return refuse(files);
  const example = exampleProblem(files.source, trading.projectDir);
  if (example) return refuse(example);
  const submissions = await submissionsOf(files, hypothesis);
  const left = cycle.trialsLeft();
  if (submissions.length > left)
    return refuse(
      `This needs ${submissions.length} trials and ${left} are left. ${left > 0 ? 'Make the sweep smaller.' : 'Call finish.'}`,
    );
  const repeat = await repeatOf(files, submissions, cycle, trading);
  if (repeat) return refuse(repeat);
  if (signal?.aborted) return refuse('Cancelled; nothing was spent.');
  const results = await cycle.runTrials(submissions, signal);
  return answer([...results.map(describe), `${cycle.trialsLeft()} trials left in this cycle.`].join('\n\n'));
};

/** `fast=10 slow=50`. */
export function pointOf(params: Submission['params']): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** What the model may know of a trial: train-side numbers, and the names of the gates. */
function describe({ trial, submission, evaluation }: TrialResult): string {
  const metrics = Object.entries(evaluation.metrics)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${Number(value).toPrecision(4)}`);
  const failed = evaluation.gates.filter(({ passed }) => !passed);
  return [
    `Trial ${trial}: ${evaluation.outcome.toUpperCase()} (${pointOf(submission.params) || 'no parameters'})`,
    ...(metrics.length > 0 ? [`train: ${metrics.join(', ')}`] : []),
    ...failed.map((gate) => `FAILED ${gate.gate}: ${gate.message}`),
    ...(evaluation.outcome === 'keep' ? ['Every gate passed.'] : []),
  ].join('\n');
}
