import { compileCandidate } from '../../../backtest/compile/compile.ts';
import { NEUTRAL } from '../../../backtest/market.ts';
import { boxWorkbench } from '../../../gates/workbench/box-workbench.ts';
import type { EventOf } from '../../../journal/events.ts';
import { DAY } from '../../../market/bars.ts';
import { dailyReturns } from '../../../metrics/returns.ts';
import { mostAlike } from '../../../search/memory/duplicates.ts';
import { freeAxes } from '../../../strategy/axes.ts';
import type { CandidateFiles } from '../../../strategy/candidate.ts';
import type { Cycle, Submission } from '../../task.ts';
import type { Trading } from '../context.ts';

/** Length of the probe: the last part of the train window, days. Long enough for slow ideas to differ, a fraction of a trial. */
const PROBE_DAYS = 365;

/** Days on which a probe must move; on fewer, one large day that two ideas share would pass for likeness. */
const FEWEST_MOVES = 20;

/**
 * The first submission whose returns over the end of the train window match those of an earlier trial (`like`), by the limit of the
 * redundancy gate on Pearson's correlation of daily returns. Null when all differ or there is nothing to compare. Also null when the probe crashes, hangs or hardly
 * trades: the gates judge that. The answer never says how well a candidate did.
 */
export async function lookAlike(
  files: CandidateFiles,
  submissions: readonly Submission[],
  cycle: Cycle,
  trading: Trading,
) {
  const { from, to } = trading.frozen.train[0].range;
  // A series that ended early (ruin) lies on other days.
  const earlier = comparable(cycle).filter(({ trial }) => cycle.returnsOf(trial).length === (to - from) / DAY);
  if (earlier.length === 0) return null;
  const { probes, ms } = await cycle.whenFree(() => probesOf(files, submissions, trading));
  for (const [index, probe] of probes.entries()) {
    if (probe.filter((value) => value !== 0).length < FEWEST_MOVES) continue;
    const ends = earlier.map((trial) => [trial.trial, cycle.returnsOf(trial.trial).slice(-probe.length)] as const);
    const found = mostAlike(probe, ends, trading.gates.redundancy.maxCorrelation);
    if (found === null) continue;
    await trading.held.close();
    const like = earlier.find(({ trial }) => trial === found.trial)!;
    return {
      submission: submissions[index],
      like,
      correlation: found.correlation,
      days: probe.length,
      seconds: ms / 1000,
    };
  }
  return null;
}

/** Trials of this segment to compare with. A fix or patch resembles its base on purpose: those trials are left out. */
function comparable({ events, id, directive }: Cycle): EventOf<'trial.started'>[] {
  const segment = events.findLast(({ type }) => type === 'segment.started')?.seq ?? 0;
  const near = directive.kind === 'fix' || directive.kind === 'patch';
  return events.flatMap((event) => {
    if (event.type !== 'trial.started' || event.seq < segment) return [];
    return near && (event.candidate === directive.base || event.cycle === id) ? [] : [event];
  });
}

/** Daily returns of each submission over the probe, none when the candidate gave no answer; and how long that took. */
async function probesOf(
  files: CandidateFiles,
  submissions: readonly Submission[],
  { frozen, market, gates, spares, held, openBench = boxWorkbench }: Trading,
): Promise<{ probes: Float64Array[]; ms: number }> {
  const start = performance.now();
  const compiled = await compileCandidate(files);
  if (!compiled.ok) return { probes: [], ms: performance.now() - start };
  const { code, config, defaults, axes } = compiled;
  // What it will trade with is not known before it is tuned.
  if (Object.keys(freeAxes(axes, { ...config.params, ...submissions[0]?.params })).length > 0)
    return { probes: [], ms: performance.now() - start };
  await held.close();
  const { symbols, universe } = config;
  const workbench = openBench({ code, symbols, universe, frozen, market, limits: gates.limits, spares });
  const train = frozen.train[0].range;
  const range = { from: Math.max(train.from, train.to - PROBE_DAYS * DAY), to: train.to };
  const requests = submissions.map(({ params }) => ({
    params: { ...defaults, ...config.params, ...params },
    scenario: NEUTRAL,
    detail: 'summary' as const,
    range,
  }));
  const answer = await workbench.simulate('train', requests).catch(async (thrown: unknown) => {
    await workbench.close();
    throw thrown;
  });
  const probes = answer.ok ? answer.value.map(dailyReturns) : [];
  const ms = performance.now() - start;
  // Closed when another candidate is probed, or with the trial.
  await held.keep(files, { bench: workbench, probeMs: ms });
  return { probes, ms };
}
