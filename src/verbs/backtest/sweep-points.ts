import { availableParallelism } from 'node:os';
import { openBox } from '../../backtest/box/open.ts';
import type { Compiled } from '../../backtest/compile/compile.ts';
import type { Box, BoxAnswer } from '../../backtest/contract.ts';
import type { EngineMarket } from '../../backtest/market.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { progress } from '../../base/draw/terminal.ts';
import { RalphError } from '../../base/errors.ts';
import { computeMetrics } from '../../metrics/metrics.ts';
import type { Params } from '../../strategy/candidate.ts';

const LIMITS = { wallMs: 600_000, heapMb: 1_024 };
/** Results in memory at once. */
const BATCH = 50;

export interface Swept {
  readonly params: Params;
  /** Annual Sharpe ratio of daily returns. */
  readonly value: number | null;
  readonly annualReturn: number | null;
  readonly maxDrawdown: number | null;
  readonly trades: number | null;
}

/** What came of a point: its figures, `refused` by the strategy's `where`, or why it gave none. */
export type Outcome = Swept | 'refused' | Failed;
export interface Failed {
  readonly params: Params;
  readonly failed: string;
}

/** Asks `where` for each point and plays those that it allows, in the order of the grid. Throws RalphError where no box opens. */
export async function playPoints(
  { code, config }: Compiled,
  windowFiles: readonly string[],
  market: EngineMarket,
  grid: readonly Params[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let [next, done] = [0, 0];
  const show = progress();
  const whole = (params: Params): Params => ({ ...config.params, ...params });
  const isAllowed = (box: Box, points: readonly Params[]) => box.allowed(points.map(whole));
  const figures = async (box: Box, points: readonly Params[]): Promise<BoxAnswer<Swept[]>> => {
    const answer = await box.simulate(
      points.map((params) => ({ params: whole(params), scenario: NEUTRAL, detail: 'summary' as const })),
    );
    if (!answer.ok) return answer;
    const value = answer.value.map((result, i) => {
      const { sharpe, annualReturn, maxDrawdown, trades } = computeMetrics(result);
      return { params: points[i], value: sharpe, annualReturn, maxDrawdown, trades };
    });
    return { ok: true, value };
  };
  const lane = async () => {
    await using held = new Held(async () => {
      const box = await openBox({ code, windowFiles: [...windowFiles], market, limits: LIMITS });
      if (box.ok) return box.value;
      throw new RalphError(`the sweep failed: ${box.message}`, { remedy: 'Fix the strategy and repeat.' });
    });
    for (let at = next; at < grid.length; at = next) {
      next = Math.min(grid.length, at + BATCH);
      const points = grid.slice(at, next);
      const allowed = await held.each(points, isAllowed);
      const played = await held.each(
        points.filter((_, i) => allowed[i] === true),
        figures,
      );
      let k = 0;
      for (const [i, answer] of allowed.entries()) {
        const outcome = answer === true ? played[k++] : answer;
        outcomes[at + i] = outcome === false ? 'refused' : outcome;
      }
      done += points.length;
      show(`${done} of ${grid.length} points`);
    }
  };
  const lanes = Math.min(availableParallelism(), Math.ceil(grid.length / BATCH));
  await Promise.all(Array.from({ length: lanes }, lane)).finally(() => show());
  return outcomes;
}

/** A box for many points, opened anew after an answer that ended it. */
class Held {
  readonly #open: () => Promise<Box>;
  #box: Box | undefined;

  constructor(open: () => Promise<Box>) {
    this.#open = open;
  }

  /** Asks about all points at once; where that fails, about each alone, so that it is known which failed. */
  async each<T>(
    points: readonly Params[],
    ask: (box: Box, points: readonly Params[]) => Promise<BoxAnswer<readonly T[]>>,
  ): Promise<(T | Failed)[]> {
    if (points.length === 0) return [];
    const together = await this.#ask(points, ask);
    if (together.ok) return [...together.value];
    const answers: (T | Failed)[] = [];
    for (const params of points) {
      const alone = points.length === 1 ? together : await this.#ask([params], ask);
      answers.push(alone.ok ? alone.value[0] : { params, failed: alone.message });
    }
    return answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#box?.close();
  }

  async #ask<T>(points: readonly Params[], ask: (box: Box, points: readonly Params[]) => Promise<BoxAnswer<T>>) {
    this.#box ??= await this.#open();
    const answer = await ask(this.#box, points);
    if (!answer.ok && answer.kind !== 'throw') {
      await this.#box.close();
      this.#box = undefined;
    }
    return answer;
  }
}
