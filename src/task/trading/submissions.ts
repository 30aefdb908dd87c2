import { compileCandidate } from '../../backtest/compile/compile.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import type { CandidateConfig, CandidateFiles, Params } from '../../strategy/candidate.ts';
import type { Submission } from '../task.ts';
import { filesByName } from './context.ts';

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

/** The product of the sweep's values over the base parameters; the base alone when there is no sweep. */
export function sweepPoints(sweep: CandidateConfig['sweep'], base: Params): Params[] {
  let points: Params[] = [base];
  for (const [name, values] of Object.entries(sweep))
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  return points;
}

function submission(files: CandidateFiles, family: string, hypothesis: string, params: Params): Submission {
  const byName = filesByName(files);
  // The name of a candidate is no part of what it does: the same idea under another name is the same trial.
  const fingerprint = sha256(canonicalJson({ source: files.source, symbols: symbolsLine(files.yaml), params }));
  return { candidate: files.name, family, hypothesis, files: byName, params: { ...params }, fingerprint };
}

function symbolsLine(yaml: string): string {
  return /^symbols:.*(?:\n\s*-.*)*/m.exec(yaml)?.[0].replaceAll(/\s+/g, '') ?? '';
}
