import { STAGES } from '../../gates/verdict.ts';
import type { History, TrialRecord } from '../memory/records.ts';

/** Smallest gain that counts, as a share of the best score, and in reward before the first keep. Luck creeps in smaller steps. */
const MIN_SCORE_GAIN = 0.02;
const MIN_REWARD_GAIN = 0.012;

/** Most that a discard earns, so that every keep earns more; the share of it that reaching a late stage is worth. */
const DISCARD = 0.8;
const REACH = 0.4;

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
