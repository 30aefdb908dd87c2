import { type BadPrint, type BadPrintRule, findBadPrints } from '../bad-prints.ts';
import { barsBetween, MINUTE } from '../bars.ts';
import type { Database } from '../database.ts';
import { MoveFinder } from '../quality.ts';
import { adjusted } from '../repair.ts';
import type { Session } from '../sessions.ts';
import { listSymbols } from '../store/list.ts';
import { readBars } from '../store/read.ts';
import { Inspector, type Stretch } from './inspect.ts';

export type SymbolReport = NonNullable<Awaited<ReturnType<typeof verifySymbol>>>;

/** Bars are read in pieces of this length, so that years of them do not lie in memory. */
const PIECE = 60 * 86_400_000;
const LONGEST = 10;

/** Reads every bar of a symbol with from <= time < to and says what is conspicuous in it. Null when there is none. */
export async function verifySymbol(
  db: Database,
  symbol: string,
  range: { from: number; to: number },
  rule: BadPrintRule,
  session?: Session,
) {
  const summary = (await listSymbols(db)).find((one) => one.symbol === symbol);
  if (!summary) return null;
  const { interval } = summary;
  const from = Math.max(range.from, Date.parse(summary.first));
  const to = Math.min(range.to, Date.parse(summary.last) + interval);
  const inspector = new Inspector(from, interval, session);
  const finder = new MoveFinder(interval);
  const badPrints: BadPrint[] = [];
  let [bars, unconfirmed] = [0, 0];
  for (let at = from; at < to; at += PIECE) {
    const end = Math.min(to, at + PIECE);
    const margin = rule.minutes * MINUTE;
    const wide = await readBars(db, { symbol, from: at - margin, to: end + margin });
    const piece = barsBetween(wide, at, end);
    inspector.add(piece);
    finder.add(adjusted(piece, rule));
    bars += piece.length;
    const found = findBadPrints(adjusted(wide, rule), rule, { from: at, to: end });
    badPrints.push(...found.prints);
    unconfirmed += found.unconfirmed.length;
  }
  const { months, days, gaps, holes, outside } = inspector.finish(to);
  const whole = from === Date.parse(summary.first) && to === Date.parse(summary.last) + interval;
  const problems = db.source
    ? []
    : await contradictions(db, { symbol, from, to }, holes, bars, whole ? summary.bars : null);
  const longestGaps = gaps.toSorted((a, b) => b.length - a.length).slice(0, LONGEST);
  const missing = gaps.reduce((sum, gap) => sum + gap.length, 0);
  return {
    symbol,
    /** Length of a bar in ms. */
    interval,
    months,
    days,
    /** The longest gaps, longest first. */
    longestGaps,
    gaps: gaps.length,
    missing,
    /** Bars while the market was closed, by its session in market.yaml: many say that the zone of the bars is another one. */
    outside,
    /** The rule's factor for this symbol; 0 when it is off. */
    badPrintFactor: rule.factor,
    /** What a freeze under the rule strikes out. */
    badPrints,
    /** Bars that look like bad prints without a return: they stay. */
    unconfirmed,
    /** Where the database contradicts itself; empty is well. */
    problems,
    /** Jumps and wicks that a run may refuse: see quality.ts. */
    moves: finder.moves.filter(({ time }) => !badPrints.some((print) => print.time === time)),
  };
}

/** The bars against the records that were kept of them: gaps and, over the whole span, the number of bars. */
async function contradictions(
  db: Database,
  { symbol, from, to }: { symbol: string; from: number; to: number },
  gaps: Stretch[],
  bars: number,
  recorded: number | null,
): Promise<string[]> {
  const problems: string[] = [];
  const { rows } = await db.pool.query<{ n: string; minutes: string }>(
    `select count(*) as n, coalesce(sum(extract(epoch from least(to_time, to_timestamp($3))
       - greatest(from_time, to_timestamp($2))) / 60), 0) as minutes
     from ralph.gaps where symbol = $1 and to_time > to_timestamp($2) and from_time < to_timestamp($3)`,
    [symbol, from / 1000, to / 1000],
  );
  const minutes = gaps.reduce((sum, gap) => sum + gap.length, 0);
  if (Number(rows[0].n) !== gaps.length || Number(rows[0].minutes) !== minutes)
    problems.push(
      `the gap table says ${rows[0].n} gaps of ${Number(rows[0].minutes)} minutes, the bars ${gaps.length} of ${minutes}`,
    );
  if (recorded !== null && recorded !== bars)
    problems.push(`the ingested files say ${recorded} bars, there are ${bars}`);
  return problems;
}
