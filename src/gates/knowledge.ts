import { DAY, type Range } from '../market/bars.ts';

/** How far a model's knowledge of the market reaches: the first day that it cannot know (`2025-05-01`), `none`, or `unknown`. */
export type Knowledge = string;

interface Share {
  /** Days before the end of the model's knowledge. */
  readonly known: number;
  readonly days: number;
}

/** How many held-back days the models of a run may have read about. */
export interface KnownDays {
  readonly until: Knowledge;
  readonly selection: Share;
  readonly holdout: Share;
}

/** What counts for a run whose models know until these days: the last of them. What is unknown may be anything. */
export function latestKnowledge(each: readonly Knowledge[]): Knowledge {
  if (each.length === 0 || each.includes('unknown')) return 'unknown';
  const days = each.filter((until) => until !== 'none').sort();
  return days.at(-1) ?? 'none';
}

/** Days are UTC. Where it is unknown what a model knows, it counts as knowing every day. */
export function knownDays(
  until: Knowledge,
  { selection, holdout }: { readonly selection: readonly Range[]; readonly holdout: Range },
): KnownDays {
  const end = until === 'unknown' ? Number.POSITIVE_INFINITY : until === 'none' ? 0 : Date.parse(until);
  const share = (ranges: readonly Range[]): Share => ({
    known: sum(ranges.map(({ from, to }) => Math.max(0, Math.min(to, end) - from) / DAY)),
    days: sum(ranges.map(({ from, to }) => (to - from) / DAY)),
  });
  return { until, selection: share(selection), holdout: share([holdout]) };
}

/** One sentence for a person. */
export function knowledgeLine({ until, selection, holdout }: KnownDays): string {
  if (until === 'none') return 'The held-back days are unknown to the model.';
  const of = ({ known, days }: Share, name: string) => `${known} of ${days} ${name} days`;
  const both = `${of(selection, 'selection')} and ${of(holdout, 'holdout')}`;
  return until === 'unknown'
    ? `How far the model's knowledge reaches is not known, so ${both} count as known to it; endpoint.knowledgeUntil in ralph.yaml says it.`
    : `The model may know the market until ${until}: ${both} lie before that.`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
