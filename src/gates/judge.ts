import type { BoxFailure } from '../backtest/contract.ts';
import { DAY } from '../market/bars.ts';
import { type SymbolFigures, symbolFigures } from '../metrics/symbols.ts';
import { plain } from './check.ts';
import { auditGates, causalityStage } from './stages/causality.ts';
import { deflate, deflationGates, requiredSharpe } from './stages/deflation.ts';
import { neighboursStage } from './stages/neighbours.ts';
import { heldNulls, nullStage } from './stages/null.ts';
import { pboGates } from './stages/pbo.ts';
import { redundancyGates } from './stages/redundancy.ts';
import { selectionStage } from './stages/selection.ts';
import { smokeStage } from './stages/smoke.ts';
import { isFailure, type StageAnswer, type StageContext, type TrainFindings, trainRequest } from './stages/stage.ts';
import { stressStage } from './stages/stress.ts';
import { subperiodGates } from './stages/subperiods.ts';
import { trainFindings, trainGates, trainMetrics } from './stages/train.ts';
import { tuningStage } from './stages/tuning.ts';
import type { Picked } from './tuning/tune.ts';
import { type Tuned, tunedOf } from './tuning/tuned.ts';
import { tuneOnTrain } from './tuning/walk.ts';
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
  /** What a candidate with ranges was tuned to; null for any other. In-sample numbers: never for a session. */
  readonly tuned: Tuned | null;
  /** Of a universe: what each symbol did on train. */
  readonly symbols?: readonly SymbolFigures[];
}

/**
 * Runs the stages after `static` in order of cost; the first one with a missed gate ends the trial. `selectionDays` is the scored
 * length of all folds together. Another `order` changes where a trial ends and what that costs, never whether it is kept.
 */
export async function judge(
  asked: StageContext,
  selectionDays: number,
  order: readonly Stage[] = STAGES,
): Promise<StageOutcome> {
  let context = asked;
  let final: Picked | null = null;
  const gates: GateResult[] = [];
  const stageMs: Partial<Record<Stage, number>> = {};
  const started = performance.now();
  let crashed = false;
  let train: TrainFindings | null = null;
  let metrics: Record<string, number | null> = {};
  let selectionSharpe: number | null = null;

  const stages: [Stage, () => StageAnswer | Promise<StageAnswer>][] = [
    [
      'tuning',
      async () => {
        const answer = await tuningStage(context);
        if ('ok' in answer) return answer;
        if (answer.walk) context = { ...context, walk: answer.walk };
        return answer.gates;
      },
    ],
    ['causality', () => causalityStage(context)],
    ['smoke', () => smokeStage(context)],
    [
      'train',
      async () => {
        const answer = await context.workbench.simulate('train', [trainRequest(context)]);
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
        const days = (context.train.to - context.train.from) / DAY;
        const found = deflate(sample, context.history.trials, context.config.deflation);
        metrics = {
          ...metrics,
          deflatedSharpe: found.deflatedSharpe,
          luck: found.luck,
          luckStatistic: found.statistic,
          sharpeNeeded: found.required,
          requiredSharpe: requiredSharpe(days, context.history.trials, context.config.deflation),
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
        const frozen = await frozenOf(context);
        if ('ok' in frozen) return frozen;
        final = frozen.final;
        if (frozen.gates.some(({ passed }) => !passed)) return frozen.gates;
        const held = { ...context, params: final?.params ?? context.params };
        const answer = await selectionStage(held, train!, selectionDays);
        if ('ok' in answer) return answer;
        selectionSharpe = answer.sharpe;
        if (answer.gates.every(({ passed }) => passed)) {
          const nulls = await heldNulls(context, train!);
          if ('ok' in nulls) return nulls;
          metrics = { ...metrics, ...nulls.metrics };
        }
        return answer.gates;
      },
    ],
  ];

  for (const [stage, run] of stages.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))) {
    // Train is where every later stage reads from; it cannot be left out, only its thresholds loosened.
    if (context.config.off.includes(stage) && stage !== 'train' && stage !== 'tuning') continue;
    if (stage === 'tuning' && !context.tuning) continue;
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
  const symbols = found && symbolFigures(found.result);
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
    ...(symbols && { symbols }),
    tuned:
      context.walk && context.tuning ? tunedOf(context.walk, context.tuning, final, found?.evidence.returns) : null,
  };
}

/** The parameters that held-back data are shown to: those of the candidate, or tuned on all of train and audited like the others. */
async function frozenOf(
  context: StageContext,
): Promise<{ readonly gates: readonly GateResult[]; readonly final: Picked | null } | BoxFailure> {
  const { walk, tuning, workbench, train, config, history, onProgress } = context;
  if (!walk || !tuning || history.trainOnly) return { gates: [], final: null };
  const found = await tuneOnTrain(workbench, tuning, walk, train, config, onProgress);
  if (!found.ok) return found;
  const gates = config.off.includes('causality') ? [] : await auditGates(context, found.value.params);
  return isFailure(gates) ? gates : { gates, final: found.value };
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
