import type uPlot from 'uplot';

const DAY_S = 86_400;

/** A tick that is named `each`, with `year` beneath it where one begins, and `day` where a day does. */
function named(seconds: number, each: string, year: string | null, day: string | null = null) {
  return [seconds, each, year, null, day, null, null, null, 1];
}

/** Names of ticks by their distance in seconds. Months are written out: 12/3 is one day here and another there. */
export const DATES: uPlot.Axis.TimeValuesConfig = [
  named(365 * DAY_S, '{YYYY}', null),
  named(28 * DAY_S, '{MMM}', '\n{YYYY}'),
  named(DAY_S, '{D} {MMM}', '\n{YYYY}'),
  named(60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', '\n{D} {MMM}'),
];
