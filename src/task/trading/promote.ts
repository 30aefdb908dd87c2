import { EXIT, RalphError } from '../../base/errors.ts';
import { type HoldoutAnswer, promoteCandidate } from '../../gates/holdout.ts';
import { knownDays } from '../../gates/knowledge.ts';
import type { Journal } from '../../journal/journal.ts';
import { openObjects, textsOf } from '../../journal/objects.ts';
import { knowledgeOf } from '../../journal/projections/rows.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import type { Book } from '../../ledger/book.ts';
import { doerOf } from '../doer.ts';
import { openingsOf, refuseSeen } from '../ledger.ts';
import { candidateFrom } from './context.ts';
import { openMarketLedger, windowsOf } from './ledger.ts';
import { openTrading } from './open.ts';

export interface PromoteOptions {
  readonly projectDir: string;
  readonly configDir: string;
  readonly runDir: string;
  /** Of the run, open for writing. */
  readonly journal: Journal;
  readonly trial: string;
}

/** Takes one kept trial to the holdout. Throws RalphError for a trial that was not kept, or has had its look (exit 3). */
export async function promoteTrial(options: PromoteOptions): Promise<HoldoutAnswer> {
  const { journal, trial, runDir } = options;
  const { byTrial, trials } = stateOf(journal.events);
  const { started, finished } = byTrial.get(trial) ?? {};
  if (!started || finished?.outcome !== 'keep') {
    const keeps = trials.flatMap((each) => (each.outcome === 'keep' ? [each.trial] : []));
    throw new RalphError(`"${trial}" is not a kept trial of this run`, {
      remedy: `Kept so far: ${keeps.join(', ') || 'none'}.`,
      exitCode: EXIT.usage,
    });
  }
  const trading = await openTrading({ ...options, tag: started.candidate });
  const files = textsOf(openObjects(runDir), started.files);
  const { ledger, setting, known } = openMarketLedger(trading);
  const { candidate, fingerprint } = started;
  const entry = {
    type: 'holdout',
    ...doerOf(journal.events, trial),
    setting: setting.setting,
    candidate,
    fingerprint,
  } as const;
  const openings = (book: Book) => book.spentOn(setting).holdouts;
  let answer: HoldoutAnswer;
  try {
    const counted = await ledger.add(known, openings);
    const own = openingsOf(journal.events).filter(
      (each) => !counted.some((one) => one.fingerprint === each.fingerprint),
    );
    answer = await promoteCandidate({
      candidate,
      fingerprint,
      files: candidateFrom(candidate, files),
      params: finished.tuned?.final ?? started.params,
      frozen: trading.frozen,
      known: knownDays(knowledgeOf(journal.events), windowsOf(trading.frozen)),
      market: trading.market,
      gates: trading.gates,
      opened: [...counted, ...own],
      open: async (look) => {
        await ledger.add([entry], (book) => {
          refuseSeen(book, setting);
          // Another process may have opened one meanwhile; what throws here is not written.
          if (openings(book).length + own.length <= trading.gates.holdout.openings) return;
          throw new RalphError('another process opened the holdout at the same time, and all openings are spent', {
            remedy: 'See `npm run ralph -- ledger`.',
            exitCode: EXIT.limit,
          });
        });
        journal.append({ type: 'holdout.opened', candidate, trial, look });
      },
    });
  } finally {
    // A page goes on after a refusal.
    await ledger.close();
  }
  const { sharpe, detectable } = answer;
  journal.append({ type: 'holdout.answered', candidate, trial, answer: answer.answer, sharpe, detectable });
  return answer;
}
