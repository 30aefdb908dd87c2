import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { MarketConfig } from '../../market/config.ts';
import type { GatesConfig } from '../config.ts';
import { type EarlierTrial, emptyHistory, type TrialHistory } from '../history.ts';
import type { StageOutcome } from '../judge.ts';
import { type EvaluationSetting, evaluateCandidate } from '../pipeline.ts';
import type { Stage } from '../verdict.ts';
import { canaryMarket, canaryWindows } from './market.ts';
import { CANARIES, type Canary, CHAMPION } from './strategies.ts';

/** What became of one canary. */
export interface CanaryFinding {
  readonly name: string;
  readonly rejected: boolean;
  /** The stage that should catch it under the shipped gates, and the one that did. */
  readonly expected: Stage;
  readonly stage: Stage | null;
  readonly gate: string | null;
  readonly message: string;
  readonly seconds: number;
}

/** Seconds that the endless loop is given; long enough for any of the others. */
const PATIENCE = 1;

/**
 * Sends strategies that must never be kept through the very pipeline that judges candidates, on a small market of their own: peeking,
 * always-throwing, endless-loop, cash-only, one-trade, tiny-stop, buy-and-hold in disguise, same-as-champion.
 */
export async function runCanaries(market: MarketConfig, gates: GatesConfig): Promise<CanaryFinding[]> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-canaries-'));
  try {
    // The champion is taken as it is; a canary that comes as far as its null gets no more surrogates than it must.
    const own = { ...gates, surrogates: { ...gates.surrogates, most: gates.surrogates.count, held: 0 } };
    const setting = { frozen: canaryWindows(dir), market: canaryMarket(market), gates: own };
    const untested = { ...setting, gates: { ...own, off: [...own.off, 'null' as const] } };
    const champion = await evaluate(CHAMPION, untested, emptyHistory());
    const history = { ...emptyHistory(), trials: 2, earlier: [asKept(champion)] };
    const findings = CANARIES.map(async (canary) => {
      const endless = canary.files.name === 'canary-endless-loop';
      const limits = endless ? { ...gates.limits, seconds: PATIENCE } : gates.limits;
      const outcome = await evaluate(canary, { ...setting, gates: { ...own, limits } }, history);
      return findingOf(canary, outcome);
    });
    return await Promise.all(findings);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Throws RalphError (exit 2) naming every canary that these gates would keep. */
export function refuseTamedGates(findings: readonly CanaryFinding[]): void {
  const kept = findings.filter(({ rejected }) => !rejected);
  if (kept.length === 0) return;
  const names = kept.map(({ name, expected }) => `${name} (should fail in ${expected})`).join(', ');
  throw new RalphError(`these gates keep strategies that must be rejected: ${names}`, {
    remedy: 'Restore the named stages and thresholds in config/gates.yaml; nothing that passed them could be believed.',
    exitCode: EXIT.usage,
  });
}

function evaluate({ files }: Canary, setting: EvaluationSetting, history: TrialHistory): Promise<StageOutcome> {
  return evaluateCandidate({ ...setting, files, params: {}, history });
}

function asKept({ fingerprint, returns, score }: StageOutcome): EarlierTrial {
  return { trial: 'champion', family: 'champion', fingerprint, returns, score, outcome: 'keep', selectionSharpe: 0 };
}

function findingOf({ files, stage: expected }: Canary, outcome: StageOutcome): CanaryFinding {
  const missed = outcome.gates.filter(({ passed }) => !passed);
  return {
    name: files.name,
    rejected: outcome.outcome !== 'keep',
    expected,
    stage: missed[0]?.stage ?? null,
    gate: missed.map(({ gate }) => gate).join(', ') || null,
    message: missed.map(({ message }) => message).join('; '),
    seconds: outcome.seconds,
  };
}
