import { table } from '../../base/draw/terminal.ts';
import { median, number, percent } from '../../base/numbers.ts';
import { gaussian, type Random, seededRandom } from '../../base/random.ts';
import { nextVariance } from '../../forward/detector.ts';
import { promiseOf } from '../../forward/promise.ts';
import { type Held, NO_DAYS, Watch } from '../../forward/standing.ts';
import { DAY } from '../../market/bars.ts';
import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import { bestOfQuantile } from '../../metrics/statistics.ts';
import { upperBound } from './rates.ts';

/** One kind of daily returns, and an edge in it that goes on, and one that stops. */
export interface ForwardRow {
  readonly returns: string;
  /** Annual Sharpe ratio of the edge, and the mean of what was promised. */
  readonly sharpe: number;
  readonly promised: number;
  /** Edges that go on: years of daily looks, and the share of years that brought the first false alarm. */
  readonly years: number;
  readonly falseDead: number;
  readonly falseFading: number;
  /** Median days to `alive`; null: more than half are not seen in time. */
  readonly daysToAlive: number | null;
  /** Edges that stop after a year: median days to each state, null when more than half do not get there, and the share dead in time. */
  readonly daysToFading: number | null;
  readonly daysToDead: number | null;
  readonly foundDead: number;
}

/** The answer of `calibrate` to what the forward record's states are worth. */
export interface ForwardSummary {
  /** Edges that went on, and how many of them were ever called dead. */
  readonly searches: number;
  readonly keeps: number;
  /** Years of daily looks at them. */
  readonly trials: number;
  /** False alarms a year over all rows, and the one-sided 95% bounds. */
  readonly falseDead: number;
  readonly falseDeadUpper95: number;
  readonly falseFading: number;
  readonly falseFadingUpper95: number;
  readonly rows: readonly ForwardRow[];
}

type Noise = (random: Random) => () => number;

/** GARCH(1, 1) with Student's t of 4 degrees of freedom: volatility clusters, and tails so fat that the kurtosis is infinite. */
const clusters: Noise = (random) => {
  let [variance, last] = [1, 0];
  return () => {
    variance = 0.05 + 0.1 * last * last + 0.85 * variance;
    const chi = -2 * Math.log((1 - random()) * (1 - random()));
    last = (Math.sqrt(variance) * gaussian(random)) / Math.sqrt(chi / 2);
    return last;
  };
};

/** Daily values of mean 0 and variance 1. */
const NOISES: Readonly<Record<string, Noise>> = {
  normal: (random) => () => gaussian(random),
  'fat tails in clusters': clusters,
  'rare heavy losses': (random) => () => 1 + Math.log1p(-random()),
  'in the market one day in ten': (random) => () => (random() < 0.1 ? gaussian(random) * Math.sqrt(10) : 0),
};

/** Days before the freeze, from which the first deviation is expected. */
const BEFORE = 365;
const NEVER = Number.POSITIVE_INFINITY;
/** Daily deviation. */
const SCALE = 0.01;
/** Years of an edge that goes on, and of one that stops after the first. */
const [ON_YEARS, STOP_YEARS] = [3, 12];
/** Train of those whose promise is made from a selected train result: years, and the N it was the best of. */
const [TRAIN_YEARS, TRIALS] = [4, 100];

interface Question {
  readonly returns: string;
  readonly sharpe: number;
  /** Promised is what a keep of such an edge is held to; otherwise the edge itself. */
  readonly selected?: boolean;
  /** What the edge is worth in truth, as a share of the promise: half of it is not dead. */
  readonly worth?: number;
  /** Volatility after the freeze, as a share of the one before. */
  readonly volatility?: number;
}

const QUESTIONS: readonly Question[] = [
  ...Object.keys(NOISES).map((returns) => ({ returns, sharpe: 2 })),
  { returns: 'fat tails in clusters', sharpe: 1 },
  { returns: 'fat tails in clusters', sharpe: 3 },
  { returns: 'fat tails in clusters', sharpe: 2, volatility: 0.5 },
  { returns: 'fat tails in clusters', sharpe: 2, worth: 0.5 },
  { returns: 'fat tails in clusters', sharpe: 2, selected: true },
  { returns: 'fat tails in clusters', sharpe: 3, selected: true },
];

/** Edges that go on and edges that stop, looked at every day by the detectors of the forward record. `records` of each a question. */
export function calibrateForward(records: number): ForwardSummary {
  const rows = QUESTIONS.map((question) => rowOf(question, records));
  const trials = rows.reduce((sum, { years }) => sum + years, 0);
  const hits = (of: readonly ForwardRow[], share: 'falseDead' | 'falseFading') =>
    Math.round(of.reduce((sum, row) => sum + row[share] * row.years, 0));
  // An edge that is worth less than was promised is rightly called fading.
  const kept = rows.filter((_, k) => QUESTIONS[k].worth === undefined);
  const keptYears = Math.round(kept.reduce((sum, { years }) => sum + years, 0));
  const [dead, fading] = [hits(rows, 'falseDead'), hits(kept, 'falseFading')];
  return {
    searches: records * rows.length,
    keeps: dead,
    trials: Math.round(trials),
    falseDead: dead / trials,
    falseDeadUpper95: upperBound(dead, Math.round(trials)),
    falseFading: fading / keptYears,
    falseFadingUpper95: upperBound(fading, keptYears),
    rows,
  };
}

function rowOf(question: Question, records: number): ForwardRow {
  const each = (years: number, stop: number) =>
    Array.from({ length: records }, (_, index) => play(question, years, stop, `${JSON.stringify(question)} ${index}`));
  const on = each(ON_YEARS, NEVER);
  const stopped = each(STOP_YEARS, DAYS_A_YEAR);
  const looked = (name: 'fading' | 'dead') => {
    const days = on.reduce((sum, first) => sum + Math.min(first[name], ON_YEARS * DAYS_A_YEAR), 0);
    const alarms = on.filter((first) => Number.isFinite(first[name])).length;
    return { years: days / DAYS_A_YEAR, share: alarms / (days / DAYS_A_YEAR) };
  };
  const after = (name: 'fading' | 'dead') => orNull(median(stopped.map((first) => first[name] - DAYS_A_YEAR)));
  const { selected, volatility, worth } = question;
  return {
    returns: `${question.returns}${volatility ? `, ${percent(volatility, 0)} of the volatility since the freeze` : ''}${selected ? `, kept as the best of ${TRIALS}` : ''}${worth ? ', worth half of the promise' : ''}`,
    sharpe: question.sharpe * (worth ?? 1),
    promised: on.reduce((sum, { promised }) => sum + promised, 0) / records,
    years: looked('dead').years,
    falseDead: looked('dead').share,
    falseFading: looked('fading').share,
    daysToAlive: orNull(median(on.map(({ alive }) => alive))),
    daysToFading: after('fading'),
    daysToDead: after('dead'),
    foundDead: stopped.filter(({ dead }) => Number.isFinite(dead)).length / records,
  };
}

/** The first day on which one record was in each state. */
function play(
  { returns, sharpe, selected, worth = 1, volatility = 1 }: Question,
  years: number,
  stop: number,
  seed: string,
) {
  const random = seededRandom(seed);
  const noise = NOISES[returns](random);
  let variance = SCALE ** 2;
  for (let day = 0; day < BEFORE; day++) variance = nextVariance(variance, SCALE * noise());
  const promise = selected ? selectedPromise(sharpe, random) : { observed: sharpe, error: 0, trials: 1, sharpe };
  const frozen: Held = { from: 0, promise, beta: 0, variance, sums: NO_DAYS };
  const watch = new Watch(frozen);
  const first = { promised: promise.sharpe, alive: NEVER, fading: NEVER, dead: NEVER };
  for (let day = 0; day < years * DAYS_A_YEAR && first.dead === NEVER; day++) {
    const edge = day < stop ? (worth * sharpe) / Math.sqrt(DAYS_A_YEAR) : 0;
    // Ruin would be final by itself.
    const change = Math.max(-0.99, SCALE * volatility * (noise() + edge));
    watch.take({ day: day * DAY, return: change, benchmark: 0, variation: 0, benchmarkVariation: 0 });
    const { state } = watch;
    if (state !== 'too early' && first[state] === NEVER) first[state] = day + 1;
  }
  first.fading = Math.min(first.fading, first.dead);
  return first;
}

/** Train is played until it shows what the best of N shows by luck in one search of ten, as deflation asks. */
function selectedPromise(sharpe: number, random: Random) {
  for (;;) {
    const statistic = sharpe * Math.sqrt(TRAIN_YEARS) + gaussian(random);
    if (statistic > bestOfQuantile(TRIALS, 0.1))
      return promiseOf(statistic / Math.sqrt(TRAIN_YEARS), statistic, TRIALS);
  }
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** For a terminal. */
export function forwardText({ rows, falseDead, falseFading, trials }: ForwardSummary): string {
  const days = (value: number | null) => (value === null ? '-' : Math.round(value));
  const cells = rows.map((row) => [
    row.returns,
    number(row.sharpe),
    number(row.promised),
    percent(row.falseFading),
    percent(row.falseDead),
    days(row.daysToAlive),
    days(row.daysToFading),
    days(row.daysToDead),
    percent(row.foundDead, 0),
  ]);
  const head = ['daily returns', 'Sharpe', 'promised', 'false fading a year', 'false dead a year'];
  return `${table([...head, 'days to alive', 'days to fading', 'days to dead', 'found dead'], cells)}
forward record: ${percent(falseDead)} false dead and ${percent(falseFading)} false fading a year of daily looks, over ${trials} years`;
}
