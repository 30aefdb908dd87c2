import type { BoxFailure } from '../backtest/contract.ts';
import { plain } from './check.ts';
import { causalityStage } from './stages/causality.ts';
import { deflate, deflationGates } from './stages/deflation.ts';
import { neighboursStage } from './stages/neighbours.ts';
import { heldNulls, nullStage } from './stages/null.ts';
import { pboGates } from './stages/pbo.ts';
import { redundancyGates } from './stages/redundancy.ts';
import { selectionStage } from './stages/selection.ts';
import { smokeStage } from './stages/smoke.ts';
import { isFailure, NEUTRAL, type StageAnswer, type StageContext, type TrainFindings } from './stages/stage.ts';
import { stressStage } from './stages/stress.ts';
import { subperiodGates } from './stages/subperiods.ts';
import { trainFindings, trainGates, trainMetrics } from './stages/train.ts';
import { type FailureClass, type GateResult, type Outcome, STAGES, type Stage } from './verdict.ts';

/** Everything the harness learned from one trial. */
export interface StageOutcome {
  readonly outcome: Outcome;
  /** Every gate that ran, in order. */
  readonly gates: readonly GateResult[];
  /** Agent-visible numbers of the train side; empty when it never got there. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly score: number | null;
  /** Daily net returns over the train window. */
  readonly returns: Float64Array;
  /** Of the train equity curve. */
  readonly fingerprint: string | null;
  readonly seconds: number;
  /** Milliseconds a stage took, in the order in which they ran. */
  readonly stageMs: Readonly<Partial<Record<Stage, number>>>;
  /** Annual, over the held-back folds. For the harness's Ladder alone; must never reach a session, a digest or a tracker. */
  readonly selectionSharpe: number | null;
}

/**
 * Runs the stages after `static` in order of cost; the first one with a missed gate ends the trial. `selectionDays` is the scored
 * length of all folds together. Another `order` changes where a trial ends and what that costs, never whether it is kept.
 */
export async function judge(
  context: StageContext,
  selectionDays: number,
  order: readonly Stage[] = STAGES,
): Promise<StageOutcome> {
  const gates: GateResult[] = [];
  const stageMs: Partial<Record<Stage, number>> = {};
  const started = performance.now();
  let crashed = false;
  let train: TrainFindings | null = null;
  let metrics: Record<string, number | null> = {};
  let selectionSharpe: number | null = null;

  const stages: [Stage, () => StageAnswer | Promise<StageAnswer>][] = [
    ['causality', () => causalityStage(context)],
    ['smoke', () => smokeStage(context)],
    [
      'train',
      async () => {
        const request = { params: context.params, scenario: NEUTRAL, detail: 'summary' as const };
        const answer = await context.workbench.simulate('train', [request]);
        if (!answer.ok) return answer;
        train = trainFindings(answer.value[0], context.config);
        metrics = trainMetrics(train);
        return trainGates(train, context.config);
      },
    ],
    [
      'stress',
      async () => {
        const answer = await stressStage(context);
        if ('ok' in answer) return answer;
        metrics = { ...metrics, capacitySharpe: answer.capacitySharpe };
        return answer.gates;
      },
    ],
    ['neighbours', () => neighboursStage(context, train!)],
    ['subperiods', () => subperiodGates(train!, context.config)],
    ['redundancy', () => redundancyGates(context, train!)],
    [
      'deflation',
      () => {
        const { sample, activeSharpe } = train!.evidence;
        const found = deflate(sample, context.history.trials, context.config.deflation);
        metrics = {
          ...metrics,
          deflatedSharpe: found.deflatedSharpe,
          luck: found.luck,
          luckStatistic: found.statistic,
          sharpeNeeded: found.required,
        };
        return deflationGates(found, activeSharpe);
      },
    ],
    ['pbo', () => pboGates(context, train!)],
    [
      'null',
      async () => {
        const answer = await nullStage(context, train!);
        if ('ok' in answer) return answer;
        metrics = { ...metrics, ...answer.metrics };
        return answer.gates;
      },
    ],
    [
      'selection',
      async () => {
        const answer = await selectionStage(context, train!, selectionDays);
        if ('ok' in answer) return answer;
        selectionSharpe = answer.sharpe;
        if (answer.gates.every(({ passed }) => passed)) {
          const held = await heldNulls(context, train!);
          if ('ok' in held) return held;
          metrics = { ...metrics, ...held.metrics };
        }
        return answer.gates;
      },
    ],
  ];

  for (const [stage, run] of stages.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))) {
    // Train is where every later stage reads from; it cannot be left out, only its thresholds loosened.
    if (context.config.off.includes(stage) && stage !== 'train') continue;
    const from = performance.now();
    const answer = await run();
    stageMs[stage] = performance.now() - from;
    if (isFailure(answer)) {
      gates.push(failureGate(stage, answer));
      crashed = answer.kind !== 'leak';
      break;
    }
    gates.push(...answer);
    if (answer.some(({ passed }) => !passed)) break;
  }

  const found = train as TrainFindings | null;
  return {
    outcome: crashed ? 'crash' : gates.every(({ passed }) => passed) ? 'keep' : 'discard',
    gates,
    metrics: finiteOrNull(metrics),
    score: found?.score ?? null,
    returns: found?.evidence.returns ?? new Float64Array(),
    fingerprint: found?.result.equityFingerprint ?? null,
    seconds: (performance.now() - started) / 1000,
    stageMs,
    selectionSharpe,
  };
}

const CLASS_OF: Record<BoxFailure['kind'], FailureClass> = {
  throw: 'crash',
  timeout: 'crash',
  memory: 'crash',
  protocol: 'crash',
  leak: 'leak',
  policy: 'policy',
};

/** The gate of an evaluation process that gave no answer. On held-back data the message stays silent: its text is the candidate's. */
function failureGate(stage: Stage, { kind, message }: BoxFailure): GateResult {
  const words = stage === 'selection' ? `${kind} on held-back data` : message;
  return plain(stage, kind === 'throw' ? 'throws' : kind, false, CLASS_OF[kind], words);
}

function finiteOrNull(metrics: Record<string, number | null>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, value !== null && Number.isFinite(value) ? value : null]),
  );
}
