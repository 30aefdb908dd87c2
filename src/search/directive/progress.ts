import { STAGES } from '../../gates/verdict.ts';
import type { History, Rung, TrialRecord } from '../memory/records.ts';

/** Smallest gain that counts, as a share of the best score, and in reward before the first keep. Luck creeps in smaller steps. */
const MIN_SCORE_GAIN = 0.02;
const MIN_REWARD_GAIN = 0.012;

/** Most that a discard earns, so that every keep earns more; the share of it that reaching a late stage is worth. */
const DISCARD = 0.8;
const REACH = 0.4;

/** What a miss by a hair counts against a pass. */
const NEAR = 0.5;

/** How near a trial came: 1 for a keep, 0 for a crash, between them by the stage it reached and how far it missed that stage's gates. */
export function rewardOf(trial: TrialRecord): number {
  if (trial.outcome === 'keep') return 1;
  if (trial.outcome !== 'discard') return 0;
  const [failed] = trial.failed;
  const reach = failed ? STAGES.indexOf(failed.stage) / STAGES.length : 1;
  return DISCARD * (REACH * reach + (1 - REACH) * (1 - gapOf(trial)));
}

/** Gaps of the failed gates together, at most 1; 0 for a keep, 1 for a crash. */
export function gapOf(trial: TrialRecord): number {
  if (trial.outcome === 'keep') return 0;
  if (trial.outcome !== 'discard') return 1;
  let gap = 0;
  for (const gate of trial.failed) gap += Math.min(1, gate.gap);
  return Math.min(1, gap);
}

/** The stages that a trial must pass to climb each rung of its family's ladder: an edge, more than luck, held-back data. */
const RUNGS = (['subperiods', 'pbo', 'selection'] as const).map((stage) => STAGES.indexOf(stage));

export function newRungs(): Rung[] {
  return RUNGS.map(() => ({ tried: 0, passed: 0 }));
}

/** Counts a finished trial on the rungs that it came to; at the one that it failed it counts by how near it came. */
export function climb(trial: TrialRecord, rungs: readonly Rung[]): void {
  const end = trial.outcome === 'keep' ? Number.POSITIVE_INFINITY : STAGES.indexOf(trial.failed[0]?.stage ?? 'static');
  for (const [k, last] of RUNGS.entries()) {
    rungs[k].tried += 1;
    rungs[k].passed += end > last ? 1 : NEAR * (1 - gapOf(trial)) ** 2;
    if (end <= last) return;
  }
}

/** Notes a gain: the first keep of a family, a clearly better keep, or, before any keep, a clearly nearer miss. */
export function noteProgress(history: History, trial: TrialRecord): void {
  const { progress } = history;
  const reward = rewardOf(trial);
  let gained = reward >= progress.bestReward + MIN_REWARD_GAIN;
  if (trial.outcome === 'keep') {
    const best = progress.best?.score ?? null;
    const score = trial.score ?? 0;
    const better = best === null || score > best + MIN_SCORE_GAIN * Math.abs(best);
    gained ||= better || history.families.get(trial.family)?.keep === 1;
    if (best === null || score > best) progress.best = trial;
  }
  progress.bestReward = Math.max(progress.bestReward, reward);
  if (gained && progress.gains.at(-1) !== trial.cycle) progress.gains.push(trial.cycle);
}
