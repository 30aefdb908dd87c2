import { counted, median } from '../../base/numbers.ts';
import { seededRandom } from '../../base/random.ts';
import { plain } from '../../gates/check.ts';
import type { GateResult } from '../../gates/verdict.ts';
import type { RunEvent } from '../../journal/events.ts';
import type { Objects } from '../../journal/objects.ts';
import { type Evaluation, type Submission, unmeasured } from '../task.ts';
import { countKill, WorldFault } from '../world-fault.ts';
import { type Contract, signOf } from './contract/contract.ts';
import { textOf } from './draft.ts';
import { type Best, baselineOf, bestOf } from './ratchet/best.ts';
import { type Contest, column, failedGate, limitGates, metricsOf, raceGate, type Samples } from './ratchet/judge.ts';
import { type Standing, standing } from './ratchet/race.ts';
import { shiftOf } from './ratchet/rank.ts';
import { playValues } from './returns/play.ts';
import { type Bench, pairSeed } from './run/bench.ts';
import { build, Failed, guard, type Measured, type Measuring, measure } from './run/measure.ts';
import type { Arm } from './run/tree.ts';

export interface Sitting extends Measuring {
  readonly events: readonly RunEvent[];
  readonly objects: Pick<Objects, 'get'>;
  readonly trial: string;
  /** N, this trial included. */
  readonly n: number;
  /** How often each candidate was killed from outside. */
  readonly kills: Map<string, number>;
}

/** Measures a change against the best so far, in one sitting. */
export async function evaluate(submission: Submission, sitting: Sitting): Promise<Evaluation> {
  const { bench, events, objects } = sitting;
  const started = performance.now();
  const best = bestOf(events, objects);
  using arm = bench.arm(submission.files);
  const answer = (gates: GateResult[], rest: Partial<Evaluation> = {}): Evaluation => {
    const seconds = (performance.now() - started) / 1000;
    return { ...unmeasured(outcomeOf(gates), gates, seconds), ...rest };
  };
  const first = await tried(submission, sitting, async () => {
    await build(arm, sitting);
    const measured = await measure(arm, pairSeed(sitting.trial, 0), sitting);
    await guard(arm, sitting);
    return measured;
  });
  if ('gate' in first) return answer([first.gate]);
  using rival = bench.arm(best.changed);
  const contest = await compare(arm, rival, submission, sitting, best);
  if ('gate' in contest) return answer([contest.gate]);
  const baseline = baselineOf(events)?.values ?? {};
  const limits = limitGates(sitting.contract, contest.candidate, baseline);
  const gates = [...printedGates(first), ...limits, raceGate(contest)];
  const base = baseline[sitting.contract.primary] ?? column(contest.best, sitting.contract.primary)[0];
  const metrics = metricsOf(contest, best.gained, base);
  return answer(gates, { metrics, score: metrics.total });
}

/** The race: pairs in turns, the first of each pair drawn, until it is decided. Exact metrics are measured once. */
async function compare(
  arm: Arm,
  rival: Arm,
  submission: Submission,
  sitting: Sitting,
  against: Best,
): Promise<Contest | { readonly gate: GateResult }> {
  const { contract, bench, trial, n } = sitting;
  const { primary } = contract;
  const sign = signOf(contract.metrics[primary]);
  const less = linesLess(bench, against.changed, submission.files);
  const [best, candidate]: [Measured['values'][], Measured['values'][]] = [[], []];
  const order = seededRandom(trial);
  await ofBest(() => build(rival, sitting));
  for (let pair = 1; ; pair++) {
    const seed = pairSeed(trial, pair);
    const turns = [
      () => ofBest(async () => best.push((await measure(rival, seed, sitting)).values)),
      () => tried(submission, sitting, async () => candidate.push((await measure(arm, seed, sitting)).values)),
    ];
    if (order() < 0.5) turns.reverse();
    for (const turn of turns) {
      const failed = await turn();
      if (typeof failed === 'object' && 'gate' in failed) return failed;
    }
    const columns = [best, candidate].map((samples) => column(samples, primary).map((value) => sign * value));
    const stands = standingOf(contract, columns, n, less);
    if (stands) return { contract, best, candidate, standing: stands, n, against: against.trial, linesLess: less };
  }
}

/** How the race stands: decided at once by an exact metric, else by the test; null: measure on. */
function standingOf(contract: Contract, [best, candidate]: number[][], n: number, less: number): Standing | null {
  const { repeats, simplerWithin } = contract;
  if (repeats !== 1) {
    const tie = less > 0 ? simplerWithin * Math.abs(median(best)) : null;
    return standing(best, candidate, { repeats, n, tie });
  }
  const by = candidate[0] - best[0];
  const answer = by > 0 ? 'better' : by === 0 && less > 0 ? 'equal' : 'undecided';
  return { answer, p: by > 0 ? 0 : 1, limit: 0, shift: shiftOf(best, candidate) };
}

/** Runs a step of the best so far, which did well before. Throws WorldFault when it fails. */
async function ofBest<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    if (!(thrown instanceof Failed)) throw thrown;
    throw new WorldFault('evaluation', 'evaluation', `the best so far failed this time: ${thrown.message}`);
  }
}

/** Runs a step of the candidate; what fails by its own doing is a gate. Throws WorldFault when it was killed from outside. */
export async function tried<T>(
  { fingerprint }: Pick<Submission, 'fingerprint'>,
  { kills }: Pick<Sitting, 'kills'>,
  run: () => Promise<T>,
): Promise<T | { readonly gate: GateResult }> {
  try {
    return await run();
  } catch (thrown) {
    if (!(thrown instanceof Failed)) throw thrown;
    if (thrown.killed) countKill(kills, fingerprint);
    return { gate: failedGate(thrown) };
  }
}

/** Passed gates that tell what the measured code printed, and of lines which looked like metrics and count for nothing. */
export function printedGates({ ignored, said }: Pick<Measured, 'ignored' | 'said'>): GateResult[] {
  const told = (name: string, value: number | null, message: string): GateResult => ({
    ...plain('smoke', name, true, 'policy', message),
    gate: `project.${name}`,
    value,
  });
  const gates: GateResult[] = [];
  if (said !== '') gates.push(told('output', null, `it printed: ${said}`));
  if (ignored > 0) {
    const lines = counted(ignored, 'printed line');
    const message = `${lines} of the measured code looked like a metric and counted for nothing: only the score command says numbers`;
    gates.push(told('ignored', ignored, message));
  }
  return gates;
}

export function outcomeOf(gates: readonly GateResult[]): Evaluation['outcome'] {
  if (gates.some((gate) => gate.class === 'crash')) return 'crash';
  return gates.every(({ passed }) => passed) ? 'keep' : 'discard';
}

type Files = Readonly<Record<string, string>>;

/** Lines with text that the project has less with the one change than with the other; negative when it has more. */
export function linesLess(bench: Bench, before: Files, after: Files): number {
  const lines = (files: Files, path: string) =>
    (textOf(bench, files, path) ?? '').split('\n').filter((line) => line.trim() !== '').length;
  const paths = Object.keys({ ...before, ...after });
  return paths.reduce((sum, path) => sum + lines(before, path) - lines(after, path), 0);
}

/** The files as the run found them, measured: cycle 0. Throws Failed when they cannot be. */
export async function measureBaseline(
  changed: Files,
  measuring: Measuring & { readonly repeats?: number },
): Promise<{ samples: Samples; seconds: number; guardSaid: string }> {
  const { bench, contract } = measuring;
  const started = performance.now();
  using arm = bench.arm(changed);
  await build(arm, measuring);
  const samples: Measured['values'][] = [];
  const repeats = measuring.repeats ?? (contract.repeats === 1 ? 1 : contract.repeats.least);
  for (let i = 1; i <= repeats; i++) samples.push(await playValues(arm, pairSeed('baseline', i), measuring));
  const guardSaid = await guard(arm, measuring);
  return { samples, seconds: (performance.now() - started) / 1000, guardSaid };
}
