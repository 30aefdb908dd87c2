import { chart, type Line, label, legend, picture } from '../../base/draw/svg.ts';
import type { RunEvent } from '../../journal/events.ts';
import { rewardOf } from '../directive/progress.ts';
import { correlation } from '../memory/duplicates.ts';
import { historyOf } from '../memory/history.ts';
import type { History, TrialRecord } from '../memory/records.ts';

/** One run in numbers, over the part of it that is compared. */
export interface RunFigures {
  readonly tag: string;
  readonly trials: number;
  readonly cycles: number;
  /** Trials charged up to and including the first keep; null when there is none. */
  readonly firstKeep: number | null;
  readonly keeps: number;
  readonly families: number;
  readonly keptFamilies: number;
  /** The required Sharpe on train, as `status` says it, at the newest trial that got to its gate; null when none did. */
  readonly requiredSharpe: number | null;
  readonly bestScore: number | null;
  readonly tokens: number;
  /** Hours at work: the time between a stop and the next start is left out. */
  readonly hours: number;
}

export interface Comparison {
  /** The fewest trials of any run: every run is cut there. */
  readonly trials: number;
  readonly equalTrials: readonly RunFigures[];
  /** The shortest working time of any run, hours. */
  readonly hours: number;
  readonly equalWall: readonly RunFigures[];
}

/** Runs side by side on equal trials and on equal working time. */
export function compareRuns(runs: readonly (readonly RunEvent[])[]): Comparison {
  const trials = Math.min(...runs.map((events) => historyOf(events).trials.length));
  const hours = Math.min(...runs.map(workingHours));
  return {
    trials,
    equalTrials: runs.map((events) => figuresOf(firstTrials(events, trials))),
    hours,
    equalWall: runs.map((events) => figuresOf(firstHours(events, hours))),
  };
}

function figuresOf(events: readonly RunEvent[]): RunFigures {
  const history = historyOf(events);
  const { trials } = history;
  const first = trials.findIndex(({ outcome }) => outcome === 'keep');
  const kept = trials.filter(({ outcome }) => outcome === 'keep');
  const asked = trials.findLast(({ metrics }) => typeof metrics.requiredSharpe === 'number');
  const scores = trials.map(({ score }) => score).filter((score) => score !== null);
  return {
    tag: history.tag,
    trials: trials.length,
    cycles: history.cycles.length,
    firstKeep: first < 0 ? null : first + 1,
    keeps: kept.length,
    families: history.families.size,
    keptFamilies: new Set(kept.map(({ family }) => family)).size,
    requiredSharpe: asked?.metrics.requiredSharpe ?? null,
    bestScore: scores.length === 0 ? null : scores.reduce((best, score) => Math.max(best, score)),
    tokens: history.tokens,
    hours: workingHours(events),
  };
}

/** One millisecond, in hours. */
const ROUNDING = 1 / 3_600_000;

/** Hours at work up to each event. A pause of the whole harness lies between `run.resumed` and the event before it. */
function hoursAtWork(events: readonly RunEvent[]): number[] {
  let ms = 0;
  return events.map((event, i) => {
    if (i > 0 && event.type !== 'run.resumed') ms += event.at - events[i - 1].at;
    return ms / 3_600_000;
  });
}

export function workingHours(events: readonly RunEvent[]): number {
  return hoursAtWork(events).at(-1) ?? 0;
}

/** The beginning of a run: up to a number of trials (their results included), or of hours at work. */
function firstTrials(events: readonly RunEvent[], trials: number): readonly RunEvent[] {
  const next = events.filter((event) => event.type === 'trial.started')[trials];
  return next ? events.slice(0, events.indexOf(next)) : events;
}

function firstHours(events: readonly RunEvent[], hours: number): readonly RunEvent[] {
  const end = hoursAtWork(events).findIndex((at) => at > hours + ROUNDING);
  return end < 0 ? events : events.slice(0, end);
}

export interface SizeYield {
  /** Trials in a cycle: `1`, `2-3`, `4+`. */
  readonly size: string;
  readonly cycles: number;
  readonly trials: number;
  readonly keeps: number;
  /** Mean reward of the best trial of each cycle. */
  readonly bestReward: number;
}

/** Columns of a table of yields, and the cells of one row. */
export const SIZE_HEAD = ['trials a cycle', 'cycles', 'trials', 'keeps', 'keeps a trial', 'reward of the best'];

export function sizeCells({ size, cycles, trials, keeps, bestReward }: SizeYield): (string | number)[] {
  return [size, cycles, trials, keeps, (keeps / trials).toFixed(3), bestReward.toFixed(2)];
}

/** One change a cycle or a theme of several trials: which pays. */
export function yieldBySize(history: History): SizeYield[] {
  const groups = Map.groupBy(
    history.cycles.filter(({ trials }) => trials.length > 0),
    ({ trials }) => (trials.length === 1 ? '1' : trials.length <= 3 ? '2-3' : '4+'),
  );
  return [...groups]
    .map(([size, cycles]) => ({
      size,
      cycles: cycles.length,
      trials: cycles.reduce((sum, { trials }) => sum + trials.length, 0),
      keeps: cycles.reduce((sum, { trials }) => sum + trials.filter(({ outcome }) => outcome === 'keep').length, 0),
      bestReward: cycles.reduce((sum, { trials }) => sum + Math.max(...trials.map(rewardOf)), 0) / cycles.length,
    }))
    .sort((a, b) => (a.size < b.size ? -1 : 1));
}

const WIDTH = 460;
const HEIGHT = 260;
const BOX = { left: 46, top: 34, width: 394, height: 186 };

/** Keeps against trials (left) and against working hours (right), one step line a run: an SVG picture as text. */
export function compareSvg(runs: readonly (readonly RunEvent[])[]): string {
  const panels = (['trials', 'hours'] as const).flatMap((axis, i) => {
    const lines = runs.map((events) => lineOf(events, axis));
    const box = { ...BOX, left: BOX.left + i * WIDTH };
    const title = axis === 'trials' ? 'keeps after so many trials' : 'keeps after so many hours at work';
    return [label(box.left, 20, title), chart(lines, box, axis) ?? '', legend(lines, box.left, HEIGHT)];
  });
  return picture(2 * WIDTH, HEIGHT + 14, panels);
}

function lineOf(events: readonly RunEvent[], axis: 'trials' | 'hours'): Line {
  const hours = hoursAtWork(events);
  let [tag, trials, keeps] = ['', 0, 0];
  const points: [number, number][] = [[0, 0]];
  for (const [i, event] of events.entries()) {
    if (event.type === 'run.started') tag = event.tag;
    if (event.type === 'trial.started') trials++;
    const here = axis === 'trials' ? trials : hours[i];
    if (event.type === 'trial.finished' && event.outcome === 'keep') points.push([here, keeps], [here, ++keeps]);
  }
  points.push([axis === 'trials' ? trials : (hours.at(-1) ?? 0), keeps]);
  return { name: tag, points };
}

/** How alike two runs are. */
export interface Alikeness {
  readonly a: string;
  readonly b: string;
  /** Families that both visited, as a share of those that either did. */
  readonly families: number;
  /** Trials with the same fingerprint, as a share of the smaller run. */
  readonly trials: number;
  /** Correlation of the daily train returns of their best candidates; null when a series is missing or the days differ. */
  readonly best: number | null;
}

/** Compares two runs; `returnsOf` reads a stored return series, or gives null. */
export function alikeness(
  a: History,
  b: History,
  returnsOf: (trial: TrialRecord, of: History) => Float64Array | null,
): Alikeness {
  const families = share(new Set(a.families.keys()), new Set(b.families.keys()));
  const prints = new Set(a.trials.map(({ fingerprint }) => fingerprint));
  const same = b.trials.filter(({ fingerprint }) => prints.has(fingerprint)).length;
  const smaller = Math.max(1, Math.min(a.trials.length, b.trials.length));
  const [left, right] = [bestOf(a), bestOf(b)];
  const [x, y] = [left && returnsOf(left, a), right && returnsOf(right, b)];
  const best = x && y && x.length === y.length && x.length > 1 ? correlation(x, y) : null;
  return { a: a.tag, b: b.tag, families, trials: same / smaller, best };
}

/** The best keep, else the best score. */
function bestOf({ trials }: History): TrialRecord | null {
  const rank = (trial: TrialRecord) => (trial.outcome === 'keep' ? 1e6 : 0) + trial.score!;
  const scored = trials.filter(({ score, returnsSha256 }) => score !== null && returnsSha256 !== null);
  return scored.toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

function share(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const either = a.union(b).size;
  return either === 0 ? 1 : a.intersection(b).size / either;
}
