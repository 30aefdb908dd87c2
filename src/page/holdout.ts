import { number } from '../base/numbers.ts';
import type { RunFacts } from './facts.ts';
import type { ReportTable } from './html.ts';

/** The answers of the holdout, each with the smallest Sharpe ratio (a year) that its length can show. */
export function holdoutTable({ promotions }: RunFacts): ReportTable {
  return {
    title: 'What the holdout said',
    note: '',
    head: ['candidate', 'answer', 'sharpe', 'smallest sharpe it could have seen'],
    rows: promotions.map(({ candidate, answer, sharpe, detectable }) => [
      candidate,
      answer,
      sharpe === null ? '-' : number(sharpe),
      number(detectable),
    ]),
  };
}
