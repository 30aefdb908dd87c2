import { sha256 } from '../base/hash.ts';
import { type RalphEvent, SCHEMA_VERSION } from '../journal/events.ts';

const METRICS = ['sharpe', 'sortino', 'calmar', 'maxDrawdown', 'trades', 'profitFactor', 'exposure', 'turnover'];
METRICS.push('winRate', 'annualReturn', 'volatility', 'skew', 'kurtosis', 'underwaterDays', 'benchmarkCorrelation');
METRICS.push('fees', 'slippage', 'averageTrade', 'longestTrade', 'ulcer');

export const startOfRun: RalphEvent = {
  type: 'run.started',
  schema: SCHEMA_VERSION,
  tag: 't',
  task: 'trading',
  seed: 1,
  provenance: { engine: 'e1', gates: 'g1' },
  config: { folder: 'config', values: { budgets: { cycles: 10, trials: 20, hours: 1, tokens: 1000, faults: 5 } } },
};

/** A failed and a passed gate, as a trial records them. */
function gates(value: number): Extract<RalphEvent, { type: 'trial.finished' }>['gates'] {
  const passed = ['static.policy', 'static.types', 'causality.leak', 'smoke.fills', 'smoke.runs', 'train.trades'].map(
    (gate) => ({
      stage: gate.split('.')[0] as 'static',
      gate,
      passed: true,
      value: 1,
      threshold: 1,
      side: 'min' as const,
      gap: 0,
      class: null,
      message: `${gate} 1 >= 1`,
    }),
  );
  const message = `sharpe ${value.toFixed(2)} < 1.00`;
  return [
    ...passed,
    {
      stage: 'train',
      gate: 'train.sharpe',
      passed: false,
      value,
      threshold: 1,
      side: 'min',
      gap: 1 - value,
      class: 'no_edge',
      message,
    },
  ];
}

/** The events of a whole cycle with one discarded trial; numbers differ from cycle to cycle and are the same each time. */
export function cycleEvents(cycle: number, object: (content: string) => string = sha256): RalphEvent[] {
  const trial = `${String(cycle).padStart(4, '0')}-1`;
  const value = ((cycle * 7919) % 1000) / 1000;
  const family = ['trend-ema-cross', 'reversion-rsi', 'breakout-donchian', 'reversion-bollinger'][cycle % 4];
  const files = { 'a.ts': object(`code ${cycle}`), 'a.yaml': object(`yaml ${cycle}`) };
  const reasons = gates(value).filter(({ passed }) => !passed);
  const candidate = `${family}-${cycle}`;
  return [
    {
      type: 'cycle.started',
      cycle,
      seed: cycle,
      directive: 'new',
      why: 'nothing to fix: try another family than the last four',
      base: null,
      family,
      gate: null,
      state: 'exploring',
      sampling: { temperature: 0.8, topP: 0.95, thinking: true },
      briefSha256: sha256(`brief ${cycle}`),
      briefTokens: 5000,
      digestTokens: 3000,
      island: cycle % 2,
      hints: [],
    },
    {
      type: 'hypothesis.registered',
      cycle,
      candidate,
      family,
      hypothesis: 'Hourly crosses carry momentum; refuted if train Sharpe < 0.5 over 100 trades',
      refutedIf: 'train Sharpe < 0.5',
    },
    {
      type: 'trial.started',
      trial,
      cycle,
      n: cycle,
      candidate,
      family,
      hypothesis: 'Hourly crosses carry momentum; refuted if train Sharpe < 0.5 over 100 trades',
      fingerprint: sha256(`f${cycle}`),
      codeSha256: files['a.ts'],
      files,
      params: { fast: 10, slow: 50, stopAtr: 3 },
    },
    {
      type: 'trial.finished',
      trial,
      cycle,
      outcome: 'discard',
      gates: gates(value),
      metrics: Object.fromEntries(METRICS.map((name, i) => [name, value * (i + 1.1)])),
      score: value / 3,
      equityFingerprint: sha256(`e${cycle}`),
      returnsSha256: null,
      seconds: value,
      duplicateOf: null,
    },
    {
      type: 'session.ended',
      cycle,
      reason: 'finished',
      detail: 'finish was called',
      turns: 12,
      toolCalls: 14,
      promptTokens: 50_000,
      completionTokens: 4000,
      prefixShare: 0.9,
      classes: { OK_CALLS: 11, TRUNCATED: 1 },
      seconds: 55.5,
      summary: 'Tried a slower pair; the edge is not there after costs.',
    },
    { type: 'verdict.given', cycle, trial, outcome: 'discard', route: 'new', reasons, candidate, family },
    { type: 'cycle.committed', cycle, commit: sha256(`c${cycle}`).slice(0, 40) },
    { type: 'cycle.mirrored', cycle, runs: [`t-${trial}-abc`, 't-search-abc'] },
  ];
}
