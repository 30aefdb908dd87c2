import { atMost, plain } from '../check.ts';
import { correlationOf } from '../evidence.ts';
import type { EarlierTrial } from '../history.ts';
import type { GateResult } from '../verdict.ts';
import type { StageContext, TrainFindings } from './stage.ts';

/** The same equity curve, or daily returns too close to an earlier trial that was no worse or to a kept candidate. */
export function redundancyGates(
  { config, history }: Pick<StageContext, 'config' | 'history'>,
  {
    result,
    evidence,
    score,
  }: Omit<TrainFindings, 'result'> & { readonly result: Pick<TrainFindings['result'], 'equityFingerprint'> },
): GateResult[] {
  const stage = 'redundancy';
  const same = history.earlier.find(({ fingerprint }) => fingerprint === result.equityFingerprint);
  const noWorse = history.earlier.filter((trial) => (trial.score ?? -Infinity) >= (score ?? -Infinity));
  const kept = history.earlier.filter(({ outcome }) => outcome === 'keep');
  const near = closest(noWorse, evidence.returns);
  const nearKeep = closest(kept, evidence.returns);
  return [
    plain(
      stage,
      'fingerprint',
      same === undefined,
      'redundant',
      same ? `same equity curve as trial ${same.trial}` : 'a new equity curve',
    ),
    atMost(stage, 'correlation', near.value, config.redundancy.maxCorrelation, {
      class: 'redundant',
      label: `correlation with ${near.name}`,
      digits: 3,
    }),
    atMost(stage, 'keep', nearKeep.value, config.redundancy.maxKeepCorrelation, {
      class: 'redundant',
      label: `correlation with kept ${nearKeep.name}`,
      digits: 3,
    }),
  ];
}

function closest(trials: readonly EarlierTrial[], returns: Float64Array): { name: string; value: number } {
  let best = { name: 'any earlier trial', value: 0 };
  for (const { trial, returns: other } of trials) {
    const value = correlationOf(returns, other);
    if (value > best.value) best = { name: `trial ${trial}`, value };
  }
  return best;
}
