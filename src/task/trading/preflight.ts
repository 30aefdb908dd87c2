import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../base/draw/terminal.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { refuseTamedGates, runCanaries } from '../../gates/canaries/canaries.ts';
import { feasibilityOf, refuseImpossible } from '../../gates/feasibility.ts';
import type { Trading } from './context.ts';
import { windowsOf } from './ledger.ts';

/**
 * Before the first cycle: can anything pass these gates on these windows, and is everything rejected that must be?
 * Throws RalphError (exit 2) with the numbers. The canaries are not sent again while engine, gates and costs are those that
 * rejected them last time.
 */
export async function preflight({ projectDir, frozen, gates, market }: Trading, engine: string): Promise<void> {
  const feasible = feasibilityOf(windowsOf(frozen), gates, 1);
  refuseImpossible(feasible);
  say(
    `gates: a candidate needs a true annual Sharpe of about ${feasible.sharpe.toFixed(2)} and ${feasible.tradesPerYear.toFixed(0)} trades a year; ` +
      `the holdout can detect ${feasible.detectable.toFixed(2)}`,
  );
  await sendCanaries({ projectDir, market, gates }, engine);
}

type Gated = Pick<Trading, 'projectDir' | 'market' | 'gates'>;

/** Sends the canaries through the gates, unless the data folder says that these gates, costs and this engine have rejected them. */
export async function sendCanaries(gated: Gated, engine: string): Promise<void> {
  const passed = canaryFile(gated, engine);
  if (existsSync(passed)) return;
  const findings = await runCanaries(gated.market, gated.gates);
  refuseTamedGates(findings);
  writeFileAtomic(passed, `${JSON.stringify(findings, null, 2)}\n`);
  say(
    `canaries: all ${findings.length} rejected (${findings.map(({ name, stage }) => `${name.replace('canary-', '')} by ${stage}`).join(', ')})`,
  );
}

/** Where it stands that these gates, costs and this engine have rejected the canaries. */
export function canaryFile({ projectDir, market, gates }: Gated, engine: string): string {
  const key = sha256(canonicalJson({ engine, gates, market })).slice(0, 16);
  return join(projectDir, market.dataDir, 'canaries', `${key}.json`);
}
