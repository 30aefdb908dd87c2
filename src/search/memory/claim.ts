/** A statement about one train-side metric: `sharpe < 0.5`. */
export interface Claim {
  readonly metric: string;
  readonly side: '<' | '>';
  readonly bound: number;
}

export interface Claims {
  readonly claims: readonly Claim[];
  /** Whether all must hold (`and`) or one suffices (`or`, or a single one). */
  readonly all: boolean;
  /** `over 100 trades`: fewer prove nothing. Null when it says nothing. */
  readonly minTrades: number | null;
}

/** Metric names as people write them, longest first, with the harness's own name. Two words may be written as one. */
const METRICS = [
  ['maximum drawdown', 'maxDrawdown'],
  ['max drawdown', 'maxDrawdown'],
  ['profit factor', 'profitFactor'],
  ['annual return', 'annualReturn'],
  ['win rate', 'winRate'],
  ['drawdown', 'maxDrawdown'],
  ...['exposure', 'turnover', 'sortino', 'sharpe'].map((name) => [name, name]),
  ['return', 'annualReturn'],
  ['trades', 'trades'],
  ['beta', 'beta'],
].flatMap(([words, metric]) => [...new Set([words, words.replace(' ', '')])].map((word) => [word, metric] as const));

const BELOW = '<=|<|below|under|less than|fewer than|at most|no more than';
const ABOVE = '>=|>|above|over|more than|greater than|at least|no less than|exceeds';
const VERBS = 'ratio|is|are|was|were|stays?|stayed|remains?|falls|comes out|ends';

/** Patterns by the task's own metric names, which differ between tasks but hardly within a run. */
const patterns = new Map<string, RegExp>();

function patternFor(names: readonly string[]): RegExp {
  const key = names.join('|');
  const known = patterns.get(key);
  if (known) return known;
  const words = [...METRICS.map(([word]) => word), ...names.map((name) => RegExp.escape(name))].join('|');
  const pattern = new RegExp(
    `(?<![\\w])(${words})\\b(?:\\s+(?:${VERBS}))*\\s*(?:(${BELOW})|(${ABOVE}))\\s*(-?\\d+(?:\\.\\d+)?)\\s*(%?)`,
    'gi',
  );
  patterns.set(key, pattern);
  return pattern;
}

const ENOUGH = /(?:over|with|at least|>=?)\s*(?:at least\s*)?(\d+)\s*(?:or more\s*)?(?:\+\s*)?trades/i;

/** The numbers in a hypothesis or lesson; nothing else of it is read. `names` are metrics of the task beside those that traders write. */
export function parseClaims(text: string, names: readonly string[] = []): Claims {
  const claims: Claim[] = [];
  for (const [, words, below, , bound, percent] of text.matchAll(patternFor(names))) {
    const word = words.toLowerCase();
    const metric = METRICS.find(([name]) => name === word)?.[1] ?? names.find((name) => name.toLowerCase() === word)!;
    claims.push({ metric, side: below ? '<' : '>', bound: Number(bound) / (percent ? 100 : 1) });
  }
  const enough = ENOUGH.exec(text)?.[1];
  return { claims, all: /\band\b/i.test(text) && !/\bor\b/i.test(text), minTrades: enough ? Number(enough) : null };
}

/** Whether a claim holds for a trial's metrics; null when the number is missing. */
export function holds(claim: Claim, metrics: Readonly<Record<string, number | null>>): boolean | null {
  const value = metrics[claim.metric];
  if (typeof value !== 'number') return null;
  // Drawdown is a loss: its size is meant, whatever sign it is stored with.
  const size = claim.metric === 'maxDrawdown' ? Math.abs(value) : value;
  return claim.side === '<' ? size < claim.bound : size > claim.bound;
}

/** A plain statement of a number: `sharpe 0.41`, `max drawdown of 35%`. */
export interface Figure {
  readonly metric: string;
  readonly value: number;
  /** Half a unit of the last digit that was written. */
  readonly rounding: number;
}

/** Metrics that people give in percent; `sharpe 20%` can only be a change. */
const SHARES = new Set(['maxDrawdown', 'annualReturn', 'winRate', 'exposure']);
const words = METRICS.map(([word]) => word).join('|');
/** What follows a number that is no figure of the metric: a unit of time, a multiple, a change, a list of parameters. */
const NO_FIGURE =
  '[\\w=-]|\\.\\d|\\s*(?:bars?|hours?|days?|minutes?|weeks?|times|points?|more|fewer|higher|lower|better|worse|less)\\b';
const FIGURE = new RegExp(
  `(?<![\\w])(${words})\\b(?:\\s+(?:${VERBS}|of))*\\s*[:=]?\\s*(-?\\d+(?:\\.(\\d+))?)(?!${NO_FIGURE})\\s*(%?)`,
  'gi',
);

/** The numbers that a sentence states without comparing them, as fractions where it writes percent. */
export function parseFigures(text: string): Figure[] {
  return [...text.matchAll(FIGURE)].flatMap(([, name, digits, decimals = '', percent]) => {
    const metric = METRICS.find(([word]) => word === name.toLowerCase())![1];
    // A share above one without a percent sign may be meant either way.
    if (percent ? !SHARES.has(metric) : SHARES.has(metric) && Math.abs(Number(digits)) > 1) return [];
    const unit = percent ? 100 : 1;
    return [{ metric, value: Number(digits) / unit, rounding: 0.5 / 10 ** decimals.length / unit }];
  });
}
