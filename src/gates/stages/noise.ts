import { agreementOf } from '../../base/numbers.ts';
import { dailyReturns } from '../../metrics/returns.ts';
import { atLeast } from '../check.ts';
import { correlationOf } from '../evidence.ts';
import { type StageAnswer, type StageContext, type TrainFindings, trainRequest } from './stage.ts';

/** Noisy windows that are compared with the exact one. The best counts: in one of them a trader of few trades may miss one. */
const NOISY = 3;

/**
 * Correlation of daily returns on the exact window under the rules of the surrogates, which know no tick, lot, smallest order or funding, with
 * those of train: the shipped strategies keep .9995. Where it is less, a candidate asks by its orders whether it is judged or compared.
 */
const SAME_RULES = 0.98;

/**
 * Does the candidate act the same when the window is a little noisy? A rule that hashes prices or volumes can be chosen for a market that
 * is remembered, and acts at random as soon as their digits change. And does it act on the window itself as it does under the surrogates' rules?
 */
export async function noiseGates(context: StageContext, { evidence }: TrainFindings): Promise<StageAnswer> {
  const { config, workbench } = context;
  const { minAgreement } = config.surrogates;
  if (minAgreement === 0) return [];
  const answer = await workbench.surrogates(
    Array.from({ length: 1 + NOISY }, (_, index) => ({
      ...trainRequest(context),
      detail: 'days',
      surrogate: { index, holdMinutes: 1, drift: false, noise: true },
    })),
  );
  if (!answer.ok) return answer;
  const [exact, ...noisy] = answer.value.map(dailyReturns);
  const value = Math.max(...noisy.map((returns) => agreementOf(exact, returns)));
  return [
    atLeast('null', 'rules', correlationOf(evidence.returns, exact), SAME_RULES, {
      class: 'leak',
      label: 'correlation with itself without tick, lot and smallest order',
      digits: 3,
    }),
    atLeast('null', 'noise', value, minAgreement, {
      class: 'leak',
      label: 'agreement on a noisy window',
      digits: 3,
      note: value < minAgreement ? 'it acts on digits that a little noise changes' : undefined,
    }),
  ];
}
