import { compileCandidate } from '../../../backtest/compile/compile.ts';
import { canonicalJson, sha256 } from '../../../base/hash.ts';
import type { CandidateFiles, Params } from '../../../strategy/candidate.ts';
import type { Cycle, Submission } from '../../task.ts';
import type { Trading } from '../context.ts';
import { lookAlike } from './probe.ts';

/** Look-alikes that are sent back uncharged per cycle; further ones are charged. */
const MOST_REFUSALS = 3;

/**
 * Why a submission repeats an earlier trial, or null. Asked before anything is charged: first by its files, then by a short
 * simulation. Refusals are journaled. The answer names the trial and the correlation and never a result: no free look.
 */
export async function repeatOf(
  files: CandidateFiles,
  submissions: readonly Submission[],
  cycle: Cycle,
  trading: Trading,
): Promise<string | null> {
  for (const submission of submissions) {
    const earlier = trading.duplicateOf(submission, cycle.events);
    if (earlier === null) continue;
    note(cycle, submission, earlier, { correlation: null });
    return `Trial ${earlier} already tested exactly this; its result stands. Change the idea or the parameters.`;
  }
  const left = MOST_REFUSALS - sentBack(cycle);
  const found = left > 0 ? await lookAlike(files, submissions, cycle, trading) : null;
  if (found === null) return null;
  const { submission, like, correlation, days, seconds } = found;
  note(cycle, submission, like.trial, { correlation, seconds });
  const what = submissions.length > 1 ? `One point of the sweep (${JSON.stringify(submission.params)})` : 'This';
  const then =
    left > 1 ? `${left - 1} more can be sent back in this cycle` : 'From now on look-alikes are charged in this cycle';
  return [
    `${what} trades like trial ${like.trial} (${like.candidate}): over the last ${days} days of train their daily returns correlate`,
    `${correlation.toFixed(4)}, and the limit is ${trading.gates.redundancy.maxCorrelation}. Nothing was charged; the result of ${like.trial} stands for`,
    `both. Change the mechanism (another entry, exit, filter or timeframe), not a decimal. ${then}.`,
  ].join(' ');
}

function note(
  cycle: Cycle,
  submission: Submission,
  like: string,
  found: { readonly correlation: number | null; readonly seconds?: number },
): void {
  const { candidate, family, fingerprint } = submission;
  const params = { ...submission.params };
  cycle.record({ type: 'trial.refused', cycle: cycle.id, candidate, family, fingerprint, params, like, ...found });
}

function sentBack({ events, id }: Cycle): number {
  return events.filter((event) => event.type === 'trial.refused' && event.cycle === id && event.correlation !== null)
    .length;
}

/**
 * The trials that a candidate asks for: one for its parameters, whether they are given or tuned, and one for each point of its sweep. A candidate that
 * does not compile is one trial too: the static stage will say why.
 */
export async function submissionsOf(
  files: CandidateFiles,
  registered: { family: string; hypothesis: string },
): Promise<Submission[]> {
  const compiled = await compileCandidate(files);
  if (!compiled.ok) return [submission(files, registered.family, registered.hypothesis, {})];
  // What the harness tunes has no value before.
  const { axes, defaults, config } = compiled;
  const own = Object.entries(defaults).filter(([name]) => !Object.hasOwn(axes, name));
  const base = { ...Object.fromEntries(own), ...config.params };
  return sweepPoints(config.sweep, base).map((params) =>
    submission(files, compiled.family, compiled.hypothesis, params),
  );
}

/** The product of the sweep's values over the base parameters, the last one changing fastest; the base alone when there is no sweep. */
export function sweepPoints(sweep: Readonly<Record<string, readonly number[]>>, base: Params): Params[] {
  let points: Params[] = [base];
  for (const [name, values] of Object.entries(sweep))
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  return points;
}

function submission(files: CandidateFiles, family: string, hypothesis: string, params: Params): Submission {
  const { name, source, yaml } = files;
  // The name of a candidate is no part of what it does: the same idea under another name is the same trial.
  const fingerprint = sha256(canonicalJson({ source, symbols: symbolsLine(yaml), params }));
  const byName = { [`${name}.ts`]: source, [`${name}.yaml`]: yaml };
  return { candidate: name, family, hypothesis, files: byName, params: { ...params }, fingerprint };
}

function symbolsLine(yaml: string): string {
  return /^symbols:.*(?:\n\s*-.*)*/m.exec(yaml)?.[0].replaceAll(/\s+/g, '') ?? '';
}
