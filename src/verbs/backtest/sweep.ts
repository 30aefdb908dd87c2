import type { Compiled } from '../../backtest/compile/compile.ts';
import type { EngineMarket } from '../../backtest/market.ts';
import { heatMap } from '../../base/draw/heat-map.ts';
import { print, printJson, say, table } from '../../base/draw/terminal.ts';
import { RalphError, UsageError } from '../../base/errors.ts';
import { counted, median, percent } from '../../base/numbers.ts';
import type { Params } from '../../strategy/candidate.ts';
import { sweepPoints } from '../../task/trading/trial/repeats.ts';
import { writeOutput } from '../output.ts';
import { type Failed, type Outcome, playPoints, type Swept } from './sweep-points.ts';

/** Rows of the table. */
const MOST_ROWS = 15;

/** Points that failed and are named. */
const MOST_FAILED = 8;

/**
 * Plays a candidate at every point of a grid that its `where` allows, and prints the best plateaus and which points failed. Throws RalphError, also where no
 * point gives figures.
 */
export async function sweep(
  compiled: Compiled,
  windowFiles: readonly string[],
  market: EngineMarket,
  { grid: asked, map, json }: { readonly grid: string; readonly map: string | undefined; readonly json: boolean },
): Promise<void> {
  const axes = readGrid(asked, Object.keys(compiled.defaults));
  if (map !== undefined && axes.length !== 2)
    throw new UsageError(`--map draws two parameters, and --sweep names ${axes.length}`, {
      remedy: 'Leave --map out, or sweep two.',
    });
  const grid = sweepPoints(Object.fromEntries(axes.map(({ name, values }) => [name, values])), {});
  const outcomes = await playPoints(compiled, windowFiles, market, grid);
  const failed = outcomes.filter((outcome) => typeof outcome === 'object' && 'failed' in outcome);
  const refusedBy = outcomes.filter((outcome) => outcome === 'refused').length;
  const plateaus = plateausOf(axes, outcomes);
  const ranked = outcomes
    .flatMap((point, i) => (isPlayed(point) ? [{ ...point, plateau: plateaus[i] }] : []))
    .sort((a, b) => b.plateau - a.plateau);
  if (failed.length === 0 && ranked.length === 0)
    throw refused(`where refuses each of the ${grid.length} points`, 'Take other ranges, or loosen where.');
  if (ranked.length === 0)
    throw new RalphError(`the sweep failed: ${nameOf(failed[0].params)}: ${failed[0].failed}`, {
      remedy: 'Fix the strategy, or leave such points out.',
    });
  sayFailed(failed, grid.length);
  if (map !== undefined) {
    const values = outcomes.map((outcome) => (isPlayed(outcome) ? outcome.value : null));
    writeOutput(map, heatMap('Sharpe ratio', axes, values));
    say(`written: ${map}`);
  }
  if (json) {
    printJson({
      points: ranked.map(({ value, ...point }) => ({ ...point, sharpe: value })),
      refused: refusedBy,
      failed: failed.map(({ params, failed: message }) => ({ params, message })),
    });
    return;
  }
  const names = axes.map(({ name }) => name);
  const rows = ranked
    .slice(0, MOST_ROWS)
    .map(({ params, plateau, value, annualReturn, maxDrawdown, trades }) => [
      ...names.map((name) => params[name]),
      ...[two(plateau), two(value), percent(annualReturn), percent(maxDrawdown), trades ?? '-'],
    ]);
  print(table([...names, 'plateau', 'Sharpe', 'return', 'drawdown', 'trades'], rows));
  const left = [
    refusedBy > 0 && `where refuses ${counted(refusedBy, 'further point')}`,
    failed.length > 0 && `${failed.length} failed`,
  ];
  print(
    `${[counted(ranked.length, 'point'), ...left.filter(Boolean)].join(', ')}; plateau: median Sharpe of a point and its neighbours. No trial is charged for them: the best of ${ranked.length} is as lucky as the best of so many trials.`,
  );
}

/** Points that gave no figures, by their parameters. */
function sayFailed(failed: readonly Failed[], all: number): void {
  if (failed.length === 0) return;
  const named = failed.slice(0, MOST_FAILED).map(({ params, failed: why }) => `  ${nameOf(params)}: ${why}`);
  const more = failed.length > named.length ? [`  and ${failed.length - named.length} more`] : [];
  say([`${failed.length} of ${counted(all, 'point')} failed and have no figures:`, ...named, ...more].join('\n'));
}

function nameOf(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function two(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '-' : value.toFixed(2);
}

/** Values of one parameter, ascending. */
interface Axis {
  readonly name: string;
  readonly values: readonly number[];
}

/** More points than anybody can read, and hours of evaluation. */
const MOST_POINTS = 20_000;
const FORM = /^\s*([A-Za-z_]\w*)\s*=\s*(-?[\d.]+)\.\.(-?[\d.]+):(-?[\d.]+)\s*$/;

/** Reads `fast=5..40:5,slow=30..200:10`: from, to (included where the steps meet it) and step of each parameter. Throws RalphError. */
function readGrid(text: string, known: readonly string[]): Axis[] {
  const axes = text.split(',').map((part) => {
    const [, name, ...numbers] = FORM.exec(part) ?? [];
    const [from, to, step] = numbers.map(Number);
    const written = `"${part.trim()}"`;
    if (name === undefined) throw refused(`${written} is no range of a parameter`);
    if (!known.includes(name))
      throw refused(`the strategy has no parameter "${name}"`, `Its parameters: ${known.join(', ')}`);
    if (!(to >= from)) throw refused(`${written}: expected FROM up to TO, got ${from} and ${to}`);
    if (!(step > 0)) throw refused(`${written}: expected a step above 0, got ${step}`);
    return { name, from, step, count: Math.floor((to - from) / step + 1e-9) + 1 };
  });
  if (new Set(axes.map(({ name }) => name)).size < axes.length) throw refused('a parameter stands twice');
  const points = axes.reduce((product, { count }) => product * count, 1);
  if (!(points <= MOST_POINTS)) throw refused(`${points} points are more than ${MOST_POINTS}`, 'Take larger steps.');
  return axes.map(({ name, from, step, count }) => ({
    name,
    values: Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12))),
  }));
}

function refused(what: string, remedy = "Write it as --sweep 'fast=5..40:5,slow=30..200:10'."): RalphError {
  return new UsageError(`--sweep: ${what}`, { expected: 'NAME=FROM..TO:STEP, several with commas', remedy });
}

/**
 * The plateau value of each point: the median of its own value and those one step away along each parameter. A peak among losses has a low
 * one. Points without a value count as the lowest there is; those that `where` refuses do not count.
 */
function plateausOf(axes: readonly Axis[], outcomes: readonly Outcome[]): number[] {
  const strides = axes.map((_, i) => axes.slice(i + 1).reduce((product, { values }) => product * values.length, 1));
  return outcomes.map((_, at) => {
    const near = axes.flatMap(({ values }, i) => {
      const place = Math.floor(at / strides[i]) % values.length;
      return [place > 0 ? at - strides[i] : -1, place < values.length - 1 ? at + strides[i] : -1];
    });
    const around = [at, ...near].flatMap((index) => {
      const outcome = outcomes[index];
      if (outcome === undefined || outcome === 'refused') return [];
      return [(isPlayed(outcome) ? outcome.value : null) ?? Number.NEGATIVE_INFINITY];
    });
    return median(around);
  });
}

function isPlayed(outcome: Outcome): outcome is Swept {
  return typeof outcome === 'object' && !('failed' in outcome);
}
