import { EXIT, RalphError } from '../../../base/errors.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import { answerFrom, type HoldoutAnswer, refuseOpening, rejectedFor } from '../../../gates/holdout.ts';
import { knownDays } from '../../../gates/knowledge.ts';
import type { Journal } from '../../../journal/journal.ts';
import { openObjects } from '../../../journal/objects.ts';
import { writeProjections } from '../../../journal/projections/projections.ts';
import { knowledgeOf } from '../../../journal/projections/rows.ts';
import { stateOf } from '../../../journal/state/run-state.ts';
import { enterOpening, type MarketLedger, noteAnswer, openingsOf } from '../../ledger.ts';
import { rangeOf, windowsOf } from '../contract/returns.ts';
import { filesOf } from '../ratchet/best.ts';
import { build, Failed, type Measuring } from '../run/measure.ts';
import { auditGate } from './audit.ts';
import { seedOf } from './evaluate.ts';
import { silent } from './judge.ts';
import { play } from './play.ts';

export interface HoldoutOptions extends Measuring {
  readonly runDir: string;
  /** Of the run, open for writing. */
  readonly journal: Journal;
  readonly trial: string;
  readonly gates: GatesConfig;
  readonly ledger: MarketLedger;
}

/** Opens the holdout for one kept change: once, within the ration, written down before the look. Throws RalphError (exit 3) when it had its look. */
export async function openHoldout(options: HoldoutOptions): Promise<HoldoutAnswer> {
  const { journal, trial, gates } = options;
  const charged = stateOf(journal.events).byTrial.get(trial);
  if (!charged)
    throw new RalphError(`there is no trial ${trial}`, { remedy: 'See: ralph results', exitCode: EXIT.usage });
  const { candidate, fingerprint } = charged;
  const { counted, own } = await openingsOf(options.ledger, journal.events);
  const opened = [...counted, ...own];
  refuseOpening({ candidate, fingerprint }, opened, gates.holdout.openings);
  const look = await enterOpening(options.ledger, journal.events, charged, own, gates.holdout.openings);
  journal.append({ type: 'holdout.opened', candidate, trial, look });
  const answer = await playHoldout(options, fingerprint, look);
  const { sharpe, detectable } = answer;
  journal.append({ type: 'holdout.answered', candidate, trial, answer: answer.answer, sharpe, detectable });
  await noteAnswer(options.ledger, journal, trial, answer.answer);
  writeProjections(options.runDir, journal.events, { whole: true });
  return answer;
}

async function playHoldout(options: HoldoutOptions, fingerprint: string, look: number): Promise<HoldoutAnswer> {
  const { runDir, journal, trial, gates, bench, contract } = options;
  const returns = contract.returns!;
  const range = rangeOf(returns, 'holdout');
  using arm = bench.arm(filesOf(journal.events, trial, openObjects(runDir)));
  const seed = seedOf(fingerprint);
  try {
    await build(arm, options);
    const played = await play(arm, 'holdout', seed, silent(options));
    const audit = gates.off.includes('causality')
      ? null
      : await auditGate(arm, 'holdout', played, seed, silent(options));
    if (audit && !audit.passed) return rejectedFor(audit.message, range, gates.holdout);
    const days = knownDays(knowledgeOf(journal.events), windowsOf(returns));
    return answerFrom(played.evidence, played.ruined, look, gates.holdout, days);
  } catch (thrown) {
    if (!(thrown instanceof Failed)) throw thrown;
    return rejectedFor(`${thrown.step} failed`, range, gates.holdout);
  }
}
