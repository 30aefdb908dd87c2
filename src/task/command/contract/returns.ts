import { z } from 'zod';
import type { Range } from '../../../market/bars.ts';
import { path } from './paths.ts';

const range = z.strictObject({ from: z.iso.date(), to: z.iso.date() });

/** The block `returns` of a contract: a program whose result is a series of returns, judged as a strategy is. Days are UTC, `to` is not included. */
export const returnsSchema = z
  .strictObject({
    /** Written by `score` into its result folder (by `run` where there is no score): a time and a return as a fraction in each row. */
    file: path,
    /** Written by `run`: a time in each row, and what was decided by what was known then. Empty: not checked. */
    decisions: z.union([z.literal(''), path]).default(''),
    /** Price files with a header, a time first in each row; the commands see them cut at the end of the window. */
    data: z.array(path).min(1),
    /** Column of the price in `data`. */
    price: z.string().min(1).default('close'),
    /** How often the future is replaced in each window to see whether a decision before it changes. */
    cuts: z.number().int().min(3).max(100).default(6),
    train: range,
    selection: range,
    holdout: range,
  })
  .check(({ value, issues }) => {
    const { train, selection, holdout } = value;
    const days = [train, selection, holdout].flatMap(({ from, to }) => [from, to]);
    const names = ['train.from', 'train.to', 'selection.from', 'selection.to', 'holdout.from', 'holdout.to'];
    for (let i = 1; i < days.length; i++) {
      const order = i % 2 === 1 ? days[i - 1] < days[i] : days[i - 1] <= days[i];
      if (order) continue;
      const message = `must lie after ${names[i - 1]} (${days[i - 1]}): train, then selection, then holdout`;
      issues.push({ code: 'custom', path: names[i].split('.'), message, input: days[i] });
    }
  });

export type Returns = z.infer<typeof returnsSchema>;

export type WindowName = 'train' | 'selection' | 'holdout';

/** A window's days as epoch ms. */
export function rangeOf(returns: Returns, name: WindowName): Range {
  const { from, to } = returns[name];
  return { from: Date.parse(from), to: Date.parse(to) };
}

/** All windows, as ledger and feasibility know them. What a program reads is not known, so it counts as reading the calendar. */
export function windowsOf(returns: Returns) {
  return {
    train: rangeOf(returns, 'train'),
    selection: [rangeOf(returns, 'selection')],
    holdout: rangeOf(returns, 'holdout'),
    calendar: true,
  };
}
