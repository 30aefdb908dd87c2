import { closing } from '../../base/closing.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import { type HoldoutAnswer, promoteCandidate } from '../../gates/holdout.ts';
import { knownDays } from '../../gates/knowledge.ts';
import type { Journal } from '../../journal/journal.ts';
import { openObjects, textsOf } from '../../journal/objects.ts';
import { writeProjections } from '../../journal/projections/projections.ts';
import { knowledgeOf } from '../../journal/projections/rows.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { enterOpening, noteAnswer, openingsOf } from '../ledger.ts';
import { candidateFrom } from './context.ts';
import { openMarketLedger, windowsOf } from './ledger.ts';
import { openTrading } from './open.ts';
import { refuseOtherRules } from './same-rules.ts';

export interface PromoteOptions {
  readonly projectDir: string;
  readonly configDir: string;
  readonly runDir: string;
  /** Of the run, open for writing. */
  readonly journal: Journal;
  readonly trial: string;
}

/** Takes one kept trial to the holdout. Throws RalphError for a trial that was not kept or has other rules now (exit 2), or has had its look (exit 3). */
export async function promoteTrial(options: PromoteOptions): Promise<HoldoutAnswer> {
  const { journal, trial, runDir } = options;
  const { byTrial, trials } = stateOf(journal.events);
  const kept = byTrial.get(trial);
  if (kept?.finished?.outcome !== 'keep') {
    const keeps = trials.flatMap((each) => (each.outcome === 'keep' ? [each.trial] : []));
    throw new RalphError(`"${trial}" is not a kept trial of this run`, {
      remedy: `Kept so far: ${keeps.join(', ') || 'none'}.`,
      exitCode: EXIT.usage,
    });
  }
  const { started, finished, candidate, fingerprint } = kept;
  const trading = await openTrading(options);
  refuseOtherRules(journal.events, started, trading);
  const files = textsOf(openObjects(runDir), started.files);
  const market = openMarketLedger(trading);
  // A page goes on after a refusal.
  await using _ = closing(market.ledger);
  const { counted, own } = await openingsOf(market, journal.events);
  const answer = await promoteCandidate({
    candidate,
    fingerprint,
    files: candidateFrom(candidate, files),
    params: finished.tuned?.final ?? started.params,
    frozen: trading.frozen,
    known: knownDays(knowledgeOf(journal.events), windowsOf(trading.frozen)),
    market: trading.market,
    gates: trading.gates,
    opened: [...counted, ...own],
    open: async () => {
      const look = await enterOpening(market, journal.events, kept, own, trading.gates.holdout.openings);
      journal.append({ type: 'holdout.opened', candidate, trial, look });
      return look;
    },
  });
  const { sharpe, detectable } = answer;
  journal.append({ type: 'holdout.answered', candidate, trial, answer: answer.answer, sharpe, detectable });
  await noteAnswer(market, journal, trial, answer.answer);
  writeProjections(runDir, journal.events, { whole: true });
  return answer;
}
