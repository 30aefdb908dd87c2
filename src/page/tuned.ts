import { heatMap } from '../base/draw/heat-map.ts';
import { type Box, inkOf, label, legend, line, path, picture } from '../base/draw/svg.ts';
import { type ReportTable, reportTable } from '../base/draw/terminal.ts';
import { messageOf } from '../base/errors.ts';
import { isoDay, number, percent } from '../base/numbers.ts';
import { surfaceOf } from '../gates/tuning/surface.ts';
import { pathOf, type Tuned } from '../gates/tuning/tuned.ts';
import type { EventOf, RunEvent } from '../journal/events.ts';
import { openObjects } from '../journal/objects.ts';
import type { Picture, TunedView } from './view.ts';

const BOX: Box = { left: 52, top: 26, width: 570, height: 150 };
const GRID = '#8886';
/** Trials that a report tells of. */
const MOST_TRIALS = 12;

/** A tuned trial of the report. */
export interface TunedTrial {
  readonly trial: string;
  readonly tuned: Tuned;
}

/** The tuned trials of a run: keeps first, then those with the highest Sharpe ratio. Throws RalphError where an object is gone. */
export function tunedTrials(runDir: string, events: readonly RunEvent[]): TunedTrial[] {
  const all = events.filter((event) => event.type === 'trial.finished').filter(({ tuned }) => tuned);
  const sharpe = ({ metrics }: EventOf<'trial.finished'>) => metrics.sharpe ?? Number.NEGATIVE_INFINITY;
  const kept = ({ outcome }: EventOf<'trial.finished'>) => Number(outcome === 'keep');
  return all
    .toSorted((a, b) => kept(b) - kept(a) || sharpe(b) - sharpe(a))
    .slice(0, MOST_TRIALS)
    .map((event) => ({ trial: event.trial, tuned: readTuned(runDir, event)! }));
}

/** What a trial was tuned to, as it was stored; null for any other trial. Throws RalphError where the object is gone or damaged. */
export function readTuned(runDir: string, finished: EventOf<'trial.finished'> | null): Tuned | null {
  if (!finished?.tuned) return null;
  return JSON.parse(openObjects(runDir).get(finished.tuned.report).toString('utf8')) as Tuned;
}

/** The same for the page of a trial; says what is wrong where it cannot be read. */
export function tunedView(runDir: string, finished: EventOf<'trial.finished'> | null): TunedView | null {
  try {
    const tuned = readTuned(runDir, finished);
    if (tuned === null) return null;
    const { head, rows, note } = partsTable('', tuned);
    return { problem: null, note, head, rows, pictures: picturesOf(tuned) };
  } catch (thrown) {
    return { problem: messageOf(thrown), note: '', head: [], rows: [], pictures: [] };
  }
}

/** In-sample against out-of-fold, part by part, with the parameters that were traded. */
export function partsTable(trial: string, tuned: Tuned): ReportTable {
  const { steps, final, shrinkage, stability, axes } = tuned;
  const names = Object.keys(axes);
  const values = (params: Readonly<Record<string, number>>) => names.map((name) => String(params[name]));
  return {
    title: `What ${trial} was tuned to`,
    note: [
      'In sample: the Sharpe ratio of the picked parameters on the bars that the tuner saw. Out of fold: on the part that was then traded.',
      shrinkage === null ? 'Nothing could be lost.' : `Shrinkage ${percent(shrinkage, 0)}: the share that was lost.`,
      `Stability (1: never moved): ${names.map((name) => `${name} ${stability[name].toFixed(2)}`).join(', ')}.`,
    ].join(' '),
    head: ['part', 'from', 'to', ...names, 'in sample', 'out of fold'],
    rows: [
      ...steps.map(({ from, to, params, inSample, outOfFold }, k) => [
        ...[k + 1, isoDay(from), isoDay(to), ...values(params), number(inSample), number(outOfFold)],
      ]),
      ...(final ? [['held back', '', '', ...values(final), '', '']] : []),
    ],
  };
}

/** Every tuned trial in one line. */
export function tunedTable(trials: readonly TunedTrial[]): ReportTable {
  return reportTable(
    'What tuning lost',
    'Sharpe ratios of the traded parts, averaged: in sample as the tuner saw them, out of fold as they were traded. Shrinkage: the share that was lost. Stability: of the parameter that moved most from part to part (1: none moved).',
    trials.map(({ trial, tuned: { steps, shrinkage, stability } }) => ({
      trial,
      'in sample': mean(steps.map(({ inSample }) => inSample)),
      'out of fold': mean(steps.flatMap(({ outOfFold }) => (outOfFold === null ? [] : [outOfFold]))),
      shrinkage: percent(shrinkage, 0),
      stability: Math.min(...Object.values(stability)).toFixed(2),
    })),
  );
}

/** The path of the parameters over time, and the response surface, as pictures on white. */
export function picturesOf(tuned: Tuned): Picture[] {
  const surface = surfaceOf(tuned);
  const drawn = { title: 'Parameters over time, as a share of their range', svg: pathPicture(tuned) };
  if (surface === null) return [drawn];
  const marks = surface.picked.map((parts) => (parts.length > 0 ? `part ${parts.join(', ')}` : ''));
  const words = tuned.final ? 'all of train' : 'the bars before the last part';
  return [
    drawn,
    {
      title: `Response surface on ${words}: median Sharpe ratio of the points tried; "part" marks what was traded`,
      svg: heatMap('In-sample Sharpe ratio', surface.sides, surface.values, marks),
    },
  ];
}

function pathPicture({ steps, axes }: Tuned): string {
  const [first, last] = [steps[0].from, steps[steps.length - 1].to];
  const x = (time: number) => BOX.left + (BOX.width * (time - first)) / (last - first);
  const y = (share: number) => BOX.top + BOX.height * (1 - share);
  const lines = Object.entries(pathOf(steps, axes)).map(([name, shares]) => ({
    name,
    points: shares.flatMap((share, k) => [[x(steps[k].from), y(share)] as const, [x(steps[k].to), y(share)] as const]),
  }));
  return picture(640, BOX.top + BOX.height + 46, [
    ...[0, 0.5, 1].flatMap((share) => [
      line([BOX.left, y(share)], [BOX.left + BOX.width, y(share)], GRID),
      label(BOX.left - 6, y(share) + 4, percent(share, 0), { anchor: 'end' }),
    ]),
    ...steps.flatMap(({ from }, k) => [
      line([x(from), BOX.top], [x(from), BOX.top + BOX.height], GRID),
      label(x(from) + 3, BOX.top + BOX.height + 16, `${k + 1}: ${isoDay(from)}`),
    ]),
    ...lines.map(({ points }, i) => path(points, inkOf(i), 2)),
    legend(lines, BOX.left, BOX.top + BOX.height + 38),
  ]);
}

function mean(values: readonly number[]): string {
  return values.length === 0 ? '-' : number(values.reduce((sum, value) => sum + value, 0) / values.length);
}
