import { above, atLeast, atMost, plain } from '../../../gates/check.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import type { TrialHistory } from '../../../gates/history.ts';
import { selectionBar } from '../../../gates/ladder.ts';
import { deflate, deflationGates, requiredSharpe } from '../../../gates/stages/deflation.ts';
import { pboGates } from '../../../gates/stages/pbo.ts';
import { redundancyGates } from '../../../gates/stages/redundancy.ts';
import { subperiodGates } from '../../../gates/stages/subperiods.ts';
import type { GateResult } from '../../../gates/verdict.ts';
import { DAYS_A_YEAR } from '../../../metrics/returns.ts';
import { Failed, type Measuring } from '../run/measure.ts';
import type { Arm } from '../run/tree.ts';
import { auditGate } from './audit.ts';
import { type Outcome, play } from './play.ts';
import { differentReturns } from './series.ts';

export interface Judged {
  readonly gates: readonly GateResult[];
  /** Agent-visible numbers of train. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly returns: Float64Array;
  readonly fingerprint: string;
  /** Of selection, for the harness alone; undefined where it was not looked at. */
  readonly heldBack?: { readonly passed: boolean; readonly sharpe: number | null };
}

export interface Case {
  readonly arm: Arm;
  readonly train: Outcome;
  readonly fingerprint: string;
  readonly seed: string;
  readonly family: string;
  readonly gates: GatesConfig;
  readonly history: TrialHistory;
  /** The Sharpe ratio of the best so far, and which that is. */
  readonly best: { readonly name: string; readonly value: number };
  readonly measuring: Measuring;
}

/** The stages that a strategy passes, as far as they can be asked of returns alone; the first with a missed gate ends the trial. */
export async function judgeReturns(asked: Case): Promise<Judged> {
  const { arm, train, seed, family, gates: config, history, measuring, fingerprint } = asked;
  const { evidence } = train;
  const gates: GateResult[] = [];
  let heldBack: Judged['heldBack'];
  const { activeSharpe } = evidence;
  const score = Number.isFinite(activeSharpe) ? activeSharpe : null;
  const luck = deflate(evidence.sample, history.trials, config.deflation);
  const metrics = {
    beta: evidence.beta,
    maxDrawdown: train.drawdown,
    benchmarkCorrelation: evidence.correlation,
    deflatedSharpe: luck.deflatedSharpe,
    luck: luck.luck,
    luckStatistic: luck.statistic,
    sharpeNeeded: luck.required,
    requiredSharpe: requiredSharpe(evidence.sample.count, history.trials, config.deflation),
  };
  const stages: [GatesConfig['off'][number], () => Promise<readonly GateResult[]> | readonly GateResult[]][] = [
    ['train', () => trainGates(asked)],
    ['causality', async () => [await auditGate(arm, 'train', train, seed, measuring)]],
    ['subperiods', () => subperiodGates(train, config)],
    [
      'redundancy',
      () => redundancyGates({ config, history }, { result: { equityFingerprint: fingerprint }, evidence, score }),
    ],
    ['deflation', () => deflationGates(luck, activeSharpe)],
    ['pbo', () => pboGates({ config, family, history }, train)],
    [
      'selection',
      async () => {
        const answer = await selection(asked);
        heldBack = answer.heldBack;
        return answer.gates;
      },
    ],
  ];
  for (const [stage, run] of stages) {
    if (config.off.includes(stage) && stage !== 'train') continue;
    const answer = await run();
    gates.push(...answer);
    if (answer.some(({ passed }) => !passed)) break;
  }
  const finite = Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]);
  return { gates, metrics: Object.fromEntries(finite), returns: evidence.returns, fingerprint, heldBack };
}

function trainGates({ train: { evidence, drawdown, ruined }, gates: { train }, best }: Case): GateResult[] {
  const stage = 'train';
  return [
    plain(stage, 'solvent', !ruined, 'risk', ruined ? 'equity reached zero' : 'equity stays above zero'),
    atLeast(stage, 'returns', differentReturns(evidence.returns), train.minTrades, {
      class: 'too_few',
      label: 'different daily returns',
      digits: 0,
    }),
    atMost(stage, 'benchmarkCorrelation', evidence.correlation, train.maxBenchmarkCorrelation, {
      class: 'redundant',
      label: 'correlation with buy-and-hold',
    }),
    atMost(stage, 'hiddenRisk', evidence.hiddenRisk, train.maxHiddenRisk, {
      class: 'hidden_risk',
      label: 'risk within the day',
    }),
    atLeast(stage, 'sharpe', evidence.activeSharpe, train.minSharpe, { class: 'no_edge', label: 'active sharpe' }),
    above(stage, 'better', evidence.activeSharpe, best.value, {
      class: 'no_edge',
      label: 'active sharpe',
      note: `that of ${best.name}`,
    }),
    atMost(stage, 'drawdown', drawdown, train.maxDrawdown, { class: 'risk' }),
  ];
}

/** One look at the held-back days: pass or fail, charged before it happens. */
async function selection(asked: Case): Promise<Pick<Judged, 'gates' | 'heldBack'>> {
  const { arm, seed, gates: config, history, measuring, train } = asked;
  const told = (passed: boolean, message: string, sharpe: number | null = null) => ({
    gates: [plain('selection', 'held_back', passed, 'held_back', message)],
    heldBack: { passed, sharpe },
  });
  if (history.trainOnly)
    return { gates: told(false, 'nothing can be kept any more (train only): held-back data stay closed').gates };
  const look = (await history.look()) ?? history.looks + 1;
  try {
    const played = await play(arm, 'selection', seed, silent(measuring));
    const audit = config.off.includes('causality')
      ? null
      : await auditGate(arm, 'selection', played, seed, silent(measuring));
    if (audit && !audit.passed) return told(false, `${audit.message} on held-back data`);
    const { activeSharpe, returns } = played.evidence;
    const years = returns.length / DAYS_A_YEAR;
    const bar = selectionBar(train.evidence.returns, years, history, config.selection, look, true);
    const passed = !played.ruined && activeSharpe > bar;
    const sharpe = Number.isFinite(activeSharpe) ? activeSharpe : null;
    return told(passed, passed ? 'held up on held-back data' : 'did not hold up on held-back data', sharpe);
  } catch (thrown) {
    if (!(thrown instanceof Failed) || thrown.killed) throw thrown;
    // What it said then could tell of those days.
    return told(false, 'failed on held-back data');
  }
}

/** On held-back days nothing that a program prints is shown. */
export function silent(measuring: Measuring): Measuring {
  return { ...measuring, onLine: undefined };
}
