import { availableParallelism } from 'node:os';
import { openBox } from '../../backtest/box/open.ts';
import type { Compiled } from '../../backtest/compile/compile.ts';
import type { EngineMarket } from '../../backtest/market.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { closing } from '../../base/closing.ts';
import { heatMap } from '../../base/draw/heat-map.ts';
import { print, printJson, progress, say, table } from '../../base/draw/terminal.ts';
import { RalphError, UsageError } from '../../base/errors.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { median, percent } from '../../base/numbers.ts';
import { computeMetrics } from '../../metrics/metrics.ts';
import type { Params } from '../../strategy/candidate.ts';
import { sweepPoints } from '../../task/trading/trial/repeats.ts';

const LIMITS = { wallMs: 600_000, heapMb: 1_024 };
/** Results in memory at once. */
const BATCH = 50;
/** Rows of the table. */
const MOST_ROWS = 15;

interface Swept {
  readonly params: Params;
  /** Annual Sharpe ratio of daily returns. */
  readonly value: number | null;
  readonly annualReturn: number | null;
  readonly maxDrawdown: number | null;
  readonly trades: number | null;
}

/** Plays a candidate at every point of a grid and prints the best plateaus. Throws RalphError. */
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
  const points = await playPoints(compiled, windowFiles, market, grid);
  const plateaus = plateausOf(axes, points);
  const ranked = points.map((point, i) => ({ ...point, plateau: plateaus[i] })).sort((a, b) => b.plateau - a.plateau);
  if (map !== undefined) {
    const values = points.map(({ value }) => value);
    writeFileAtomic(map, heatMap('Sharpe ratio', axes, values));
    say(`written: ${map}`);
  }
  if (json) {
    printJson({ points: ranked.map(({ value, ...point }) => ({ ...point, sharpe: value })) });
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
  print(
    `${points.length} points; plateau: median Sharpe of a point and its neighbours. No trial is charged for them: the best of ${points.length} is as lucky as the best of so many trials.`,
  );
}

async function playPoints(
  { code, config }: Compiled,
  windowFiles: readonly string[],
  market: EngineMarket,
  grid: readonly Params[],
): Promise<Swept[]> {
  const points: Swept[] = [];
  let [next, done] = [0, 0];
  const show = progress();
  const lane = async () => {
    const box = await openBox({ code, windowFiles: [...windowFiles], market, limits: LIMITS });
    if (!box.ok) throw failed(box.message);
    await using open = closing(box.value);
    for (let at = next; at < grid.length; at = next) {
      next = Math.min(grid.length, at + BATCH);
      const requests = grid.slice(at, next).map((params) => ({
        params: { ...config.params, ...params },
        scenario: NEUTRAL,
        detail: 'summary' as const,
      }));
      const answer = await open.simulate(requests);
      if (!answer.ok) throw failed(answer.message);
      for (const [i, result] of answer.value.entries()) {
        const { sharpe, annualReturn, maxDrawdown, trades } = computeMetrics(result);
        points[at + i] = { params: grid[at + i], value: sharpe, annualReturn, maxDrawdown, trades };
      }
      done += answer.value.length;
      show(`${done} of ${grid.length} points`);
    }
  };
  const lanes = Math.min(availableParallelism(), Math.ceil(grid.length / BATCH));
  await Promise.all(Array.from({ length: lanes }, lane)).finally(() => show());
  return points;
}

function failed(message: string): RalphError {
  return new RalphError(`the sweep failed: ${message}`, { remedy: 'Fix the strategy, or leave such points out.' });
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
const FORM = /^\s*([A-Za-z_]\w*)\s*=\s*(-?[\d.]+)\.\.(-?[\d.]+):([\d.]+)\s*$/;

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
 * one. Points without a value count as the lowest there is.
 */
function plateausOf(axes: readonly Axis[], points: readonly Pick<Swept, 'params' | 'value'>[]): number[] {
  const strides = axes.map((_, i) => axes.slice(i + 1).reduce((product, { values }) => product * values.length, 1));
  return points.map((point, at) => {
    const near = axes.flatMap(({ name, values }, i) => {
      const place = values.indexOf(point.params[name]);
      return [place > 0 ? at - strides[i] : -1, place < values.length - 1 ? at + strides[i] : -1];
    });
    const around = [at, ...near.filter((index) => index >= 0)];
    return median(around.map((index) => points[index].value ?? Number.NEGATIVE_INFINITY));
  });
}
