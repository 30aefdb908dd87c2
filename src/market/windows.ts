import { z } from 'zod';
import { readConfig } from '../base/config.ts';
import { isoDay } from '../base/numbers.ts';
import { DAY, type Range } from './bars.ts';

/** The stretches of time of a research run. Scored parts only: warm-up bars lie before each and are never scored. */
export interface Windows {
  readonly train: Range;
  readonly selection: readonly Range[];
  readonly holdout: Range;
  /** Least distance between train and selection, and between selection and holdout. */
  readonly embargoMs: number;
  /** Bars before each window that are handed out for indicators to settle. */
  readonly warmupMs: number;
}

const SHORTEST_TRAIN_DAYS = 180;
const SHORTEST_FOLD_DAYS = 28;

/** A UTC day such as 2015-07-01, as epoch ms of its midnight. */
export const dateSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a UTC date such as 2015-07-01')
  .transform((text, context) => {
    const time = Date.parse(`${text}T00:00:00Z`);
    if (Number.isNaN(time) || isoDay(time) !== text) {
      context.addIssue({ code: 'custom', message: 'expected a day that exists' });
      return z.NEVER;
    }
    return time;
  });

const range = z.strictObject({ from: dateSchema, to: dateSchema });

/** windows.yaml: dates are UTC midnights, `to` is the first day that is not part of the window. */
export const windowsConfigSchema = z
  .strictObject({
    train: range,
    selection: z.array(range).min(1),
    holdout: range,
    embargoDays: z.number().min(1),
    warmupDays: z.number().min(0),
  })
  .superRefine((windows, context) => {
    for (const { path, message } of faultsOf(windows)) context.addIssue({ code: 'custom', path, message });
  });

/** Reads and checks config/windows.yaml. Throws RalphError (exit 2) naming key and rule. */
export function readWindowsConfig(path: string): Windows {
  return resolveWindows(readConfig(path, windowsConfigSchema));
}

/** The checked YAML with its days as milliseconds. */
export function resolveWindows(raw: z.output<typeof windowsConfigSchema>): Windows {
  const { train, selection, holdout, embargoDays, warmupDays } = raw;
  return { train, selection, holdout, embargoMs: embargoDays * DAY, warmupMs: warmupDays * DAY };
}

type Dated = Omit<Windows, 'embargoMs' | 'warmupMs'> & { readonly embargoDays: number };

/** Order, length and distance: train, embargo, folds in order without overlap, embargo, holdout. */
function faultsOf({ train, selection, holdout, embargoDays }: Dated) {
  const faults: { path: (string | number)[]; message: string }[] = [];
  const say = (path: (string | number)[], message: string) => faults.push({ path, message });
  const length = (path: (string | number)[], { from, to }: Range, days: number) => {
    if (to - from < days * DAY)
      say(path, `expected at least ${days} days, to after from, got ${((to - from) / DAY).toFixed(0)} days`);
  };
  length(['train'], train, SHORTEST_TRAIN_DAYS);
  selection.forEach((fold, k) => {
    length(['selection', k], fold, SHORTEST_FOLD_DAYS);
  });
  length(['holdout'], holdout, SHORTEST_FOLD_DAYS);
  const embargo = embargoDays * DAY;
  const apart = (path: (string | number)[], before: Range, after: Range, distance: number, rule: string) => {
    if (after.from - before.to < distance)
      say(path, `expected ${rule}: not before ${isoDay(before.to + distance)}, got ${isoDay(after.from)}`);
  };
  apart(['selection', 0, 'from'], train, selection[0], embargo, `${embargoDays} embargo days after train`);
  for (let k = 1; k < selection.length; k++)
    apart(['selection', k, 'from'], selection[k - 1], selection[k], 0, 'folds in order that do not overlap');
  const last = selection[selection.length - 1];
  apart(['holdout', 'from'], last, holdout, embargo, `${embargoDays} embargo days after the last selection fold`);
  return faults;
}
