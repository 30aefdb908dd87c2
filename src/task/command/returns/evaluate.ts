import { canonicalJson, sha256 } from '../../../base/hash.ts';
import type { GateResult } from '../../../gates/verdict.ts';
import { type Evaluation, type Submission, unmeasured } from '../../task.ts';
import { linesLess, outcomeOf, printedGates, type Sitting, tried } from '../evaluate.ts';
import { baselineOf, bestOf } from '../ratchet/best.ts';
import { limitGates } from '../ratchet/judge.ts';
import { build, guard } from '../run/measure.ts';
import { type Case, judgeReturns } from './judge.ts';
import { play, valuesOf } from './play.ts';

/** Plays a change over train and judges its returns as those of a strategy; held-back days are looked at last. */
export async function evaluateReturns(
  submission: Submission,
  sitting: Sitting,
  judging: Pick<Case, 'gates' | 'history'>,
): Promise<Evaluation> {
  const { bench, events, objects, contract } = sitting;
  const started = performance.now();
  using arm = bench.arm(submission.files);
  const seed = seedOf(submission.fingerprint);
  const seconds = () => (performance.now() - started) / 1000;
  const found = await tried(submission, sitting, async () => {
    await build(arm, sitting);
    const train = await play(arm, 'train', seed, sitting);
    await guard(arm, sitting);
    const best = bestOf(events, objects);
    const baseline = baselineOf(events)?.values ?? {};
    const base = baseline[contract.primary] ?? 0;
    const rival = base + best.gained;
    const values = valuesOf(train, sitting);
    const judged = await judgeReturns({
      arm,
      train,
      seed,
      ...judging,
      family: submission.family,
      measuring: sitting,
      fingerprint: sha256(canonicalJson([...train.evidence.returns].map((value) => value.toPrecision(9)))),
      best: { name: best.trial ?? 'the baseline', value: rival },
    });
    const value = values[contract.primary];
    const share = (by: number, of: number) => by / (Math.abs(of) || 1);
    const gates: GateResult[] = [...printedGates(train.measured), ...limitGates(contract, [values], baseline)];
    const metrics = {
      ...values,
      ...judged.metrics,
      value,
      baseline: base,
      change: share(value - rival, rival),
      gained: value - base,
      total: share(value - base, base),
      repeats: 1,
      linesLess: linesLess(bench, best.changed, submission.files),
    };
    return { judged, metrics, gates: [...gates, ...judged.gates] };
  });
  if ('gate' in found) return unmeasured(outcomeOf([found.gate]), [found.gate], seconds());
  const { judged, metrics, gates } = found;
  const { returns, fingerprint, heldBack } = judged;
  return {
    outcome: outcomeOf(gates),
    gates,
    metrics,
    score: metrics.value,
    returns,
    fingerprint,
    seconds: seconds(),
    ...(heldBack && { heldBack }),
  };
}

/** RALPH_SEED of a change: the same for every play, so that it can be reproduced. */
export function seedOf(fingerprint: string): string {
  return String(Number.parseInt(sha256(fingerprint).slice(0, 8), 16));
}
