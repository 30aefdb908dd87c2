import { type BadPrint, type BadPrintRule, findBadPrints, withoutBadPrints } from './bad-prints.ts';
import { type Bars, barsBetween, barsOf, columnsOf, type Range } from './bars.ts';

/** What was struck out of a window, warm-up included; part of its header. */
export interface WindowRepairs {
  readonly rule: BadPrintRule;
  readonly clamped: number;
  readonly dropped: number;
  readonly unconfirmed: number;
  /** The first hundred, as they are stored: the counts hold for all. */
  readonly prints: readonly BadPrint[];
}

const LISTED = 100;

/** The bars of `span` without their bad prints. `read` reaches beyond it by the rule's minutes, for neighbours. */
export function repairBars(stored: Bars, span: Range, rule: BadPrintRule) {
  const read = adjusted(stored, rule);
  const found = findBadPrints(read, rule, span);
  const { prints, unconfirmed } = found;
  const clamped = prints.filter(({ done }) => done === 'clamped').length;
  const counts = { clamped, dropped: prints.length - clamped, unconfirmed: unconfirmed.length };
  return {
    bars: barsBetween(withoutBadPrints(read, found, rule), span.from, span.to),
    badPrints: { rule, ...counts, prints: prints.slice(0, LISTED) },
  };
}

/** Bars with the prices before each split on the scale of those after it. */
export function adjusted(bars: Bars, { adjust = [] }: Pick<BadPrintRule, 'adjust'>): Bars {
  if (adjust.length === 0) return bars;
  const columns = columnsOf(bars).map((column) => Float64Array.from(column));
  for (let i = 0; i < bars.length; i++) {
    const factor = adjust.reduce((all, { before, prices }) => (bars.time[i] < before ? all * prices : all), 1);
    if (factor === 1) continue;
    for (let k = 1; k < 5; k++) columns[k][i] *= factor;
    columns[5][i] /= factor;
  }
  return barsOf(columns);
}

/** One line for the terminal: the counts and the first few. */
export function repairsLine({ rule, clamped, dropped, prints }: WindowRepairs): string {
  const minuteOf = (time: number) => new Date(time).toISOString().slice(0, 16);
  const first = prints.slice(0, 3).map((print) => `${minuteOf(print.time)} ${rangeOf(print)}`);
  const more = clamped + dropped > first.length ? ', …' : '';
  return `bad prints (more than ${rule.factor}x beyond their neighbours): ${clamped} bars clamped, ${dropped} left out: ${first.join(', ')}${more}`;
}

function rangeOf({ low, high, before }: BadPrint): string {
  return `${low === high ? low : `${low}-${high}`} (around ${before})`;
}
