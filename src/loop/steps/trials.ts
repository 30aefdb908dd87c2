import { RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { plain } from '../../gates/check.ts';
import type { EventOf } from '../../journal/events.ts';
import { type Objects, textsOf } from '../../journal/objects.ts';
import { cycleAt, stateOf } from '../../journal/state/run-state.ts';
import { doerOf } from '../../task/doer.ts';
import type { ChargedTrial } from '../../task/spending.ts';
import { type Evaluation, type Submission, type TrialResult, unmeasured } from '../../task/task.ts';
import { StoppedWhileWaiting, withFaults } from '../faults.ts';
import type { Run } from '../run.ts';
import { chargedOf, storeRivals } from './charge.ts';
import { historyBefore } from './trial-history.ts';

/** A harness that dies on the same trial this often takes it for the trial's doing. */
const MOST_REDOS = 3;
const CANCELLED = 'the call was cancelled while this trial ran';

/** Charges trials, evaluates them as one batch and records the results. The journal knows of each before it runs. */
export async function runTrials(
  run: Run,
  cycle: number,
  submissions: readonly Submission[],
  signal?: AbortSignal,
): Promise<TrialResult[]> {
  const { byCycle, trials } = stateOf(run.journal.events);
  const left = Math.min(
    run.config.trialsPerCycle - byCycle.get(cycle)!.trials.length,
    run.config.budgets.trials - trials.length,
  );
  if (submissions.length > left)
    throw new RalphError(`this needs ${submissions.length} trials and the cycle has ${left} left`, {
      remedy: left > 0 ? 'Backtest fewer points.' : 'Call finish.',
    });
  const charged: Charged[] = [];
  for (const submission of submissions)
    charged.push(await withFaults(run, 'charging a trial', () => charge(run, cycle, submission)));
  return evaluateCharged(run, cycle, charged, signal);
}

/** Trials that were charged and never answered, because the harness died: run them now, once, under their own names. */
export async function finishTrials(run: Run, cycle: number): Promise<void> {
  const { byCycle, redone } = stateOf(run.journal.events);
  const redo: Charged[] = [];
  for (const { trial, started, finished } of byCycle.get(cycle)?.trials ?? []) {
    if (finished) continue;
    const charged = { event: started, submission: submissionOf(started, run.objects) };
    if ((redone.get(trial) ?? 0) <= MOST_REDOS) redo.push(charged);
    else await record(run, cycle, charged, crashedTrial(`the harness ended ${MOST_REDOS} times while this trial ran`));
  }
  if (redo.length > 0) await evaluateCharged(run, cycle, redo);
}

/** Every trial of a cycle that has a result, in order. */
export function resultsOf(run: Run, cycle: number): TrialResult[] {
  const trials = cycleAt(run.journal.events, cycle)?.trials ?? [];
  return trials.flatMap(({ trial, started, finished }) =>
    finished
      ? [{ trial, submission: submissionOf(started, run.objects), evaluation: evaluationOf(run, finished) }]
      : [],
  );
}

interface Charged {
  readonly event: EventOf<'trial.started'>;
  readonly submission: Submission;
}

/**
 * The ledger first: a crash between the two leaves a charge that the same trial takes up when it is charged again. Where one
 * has begun, other code does not: a journal cut back to there would give trials and looks for nothing.
 */
async function charge(run: Run, cycle: number, submission: Submission): Promise<Charged> {
  const files = Object.fromEntries(
    Object.entries(submission.files).map(([name, content]) => [name, run.objects.put(content)]),
  );
  const { n } = stateOf(run.journal.events);
  const { trial, charged } = await nextCharge(run, cycle, submission);
  failpoint('loop.charge.ledger');
  const event = run.journal.append({
    type: 'trial.started',
    trial,
    cycle,
    n: charged?.n ?? n + 1,
    candidate: submission.candidate,
    family: submission.family,
    hypothesis: submission.hypothesis,
    fingerprint: submission.fingerprint,
    codeSha256: Object.values(files)[0] ?? '',
    files,
    params: { ...submission.params },
    ...(charged && {
      looks: charged.looks,
      rivals: storeRivals(charged.rivals, run.objects),
      ledger: charged.ledger,
      ...(charged.forgotten.length > 0 && { forgotten: [...charged.forgotten] }),
      ...(charged.trainOnly && { trainOnly: true }),
    }),
  }) as EventOf<'trial.started'>;
  return { event, submission };
}

/** Charges the next trial of a cycle under the first number that is free in journal and ledger. */
async function nextCharge(
  { journal, task }: Run,
  cycle: number,
  { fingerprint }: Submission,
): Promise<{ readonly trial: string; readonly charged: ChargedTrial | undefined }> {
  const last = stateOf(journal.events).byCycle.get(cycle)?.trials.at(-1)?.trial;
  for (let number = numberOf(last) + 1; ; number++) {
    const trial = `${String(cycle).padStart(4, '0')}-${number}`;
    const doer = doerOf(journal.events, trial);
    const charged = await task.ledger?.charge({ doer, fingerprint, journal: { ...journal.head } });
    if (charged !== 'taken') return { trial, charged };
  }
}

/** 2 of `0001-2`; 0 without a trial. */
function numberOf(trial = ''): number {
  return Number(trial.split('-')[1] ?? 0);
}

async function evaluateCharged(
  run: Run,
  cycle: number,
  charged: readonly Charged[],
  cancel: AbortSignal = run.control.session,
): Promise<TrialResult[]> {
  failpoint('loop.evaluate.before');
  const { events } = run.journal;
  const doers = charged.map(({ event }) => doerOf(events, event.trial));
  await withFaults(run, 'charging a trial', async () => run.task.ledger?.begin(doers));
  const evaluate = () =>
    run.task.evaluate(
      charged.map(({ submission }) => submission),
      {
        events: historyBefore(events, charged[0].event),
        charged: charged.map(({ event }) => chargedOf(event, run.objects)),
        returnsOf: (trial) => run.returns.get(trial) ?? new Float64Array(),
        look: (index) => look(run, cycle, charged[index].event.trial),
        signal: AbortSignal.any([run.control.session, cancel]),
      },
    );
  const found = await withFaults(run, 'evaluation', () => run.evaluating(evaluate));
  // An aborted evaluation has no result; the trial stays open and runs again at the next start.
  if (run.control.session.aborted) throw new StoppedWhileWaiting('a trial was interrupted while it ran');
  const evaluations = cancel.aborted ? found.map(() => crashedTrial(CANCELLED)) : found;
  failpoint('loop.evaluate.after');
  for (const [i, each] of charged.entries())
    await withFaults(run, 'recording a trial', () => record(run, cycle, each, evaluations[i]));
  return charged.map(({ event, submission }, i) => ({ trial: event.trial, submission, evaluation: evaluations[i] }));
}

async function look(run: Run, cycle: number, trial: string): Promise<number> {
  const { looks, lookCount } = stateOf(run.journal.events);
  // A trial that is evaluated again after a crash does not pay for the same look twice.
  const before = looks.get(trial);
  if (before !== undefined) return before;
  const number = (await run.task.ledger?.look(doerOf(run.journal.events, trial))) ?? lookCount + 1;
  failpoint('loop.look.ledger');
  run.journal.append({ type: 'selection.looked', trial, cycle, look: number });
  return number;
}

/** What held-back data said, for the Ladder rule of later looks; a trial that is recorded again adds nothing. */
function answerLook(run: Run, cycle: number, trial: string, { heldBack }: Evaluation): void {
  const { answered, looks } = stateOf(run.journal.events);
  if (!heldBack || answered.has(trial)) return;
  run.journal.append({ type: 'selection.answered', trial, cycle, look: looks.get(trial) ?? 0, ...heldBack });
}

async function record(run: Run, cycle: number, { event, submission }: Charged, evaluation: Evaluation): Promise<void> {
  if (evaluation.outcome === 'keep')
    await run.task.ledger?.keep(doerOf(run.journal.events, event.trial), {
      ...evaluation,
      family: submission.family,
      sharpe: evaluation.heldBack?.sharpe ?? null,
    });
  answerLook(run, cycle, event.trial, evaluation);
  const returnsSha256 = evaluation.returns.length > 0 ? run.objects.put(evaluation.returns) : null;
  const { tuned, symbols } = evaluation;
  run.journal.append({
    type: 'trial.finished',
    trial: event.trial,
    cycle,
    outcome: evaluation.outcome,
    gates: evaluation.gates.map((gate) => ({ ...gate })),
    metrics: { ...evaluation.metrics },
    score: evaluation.score,
    equityFingerprint: evaluation.fingerprint,
    returnsSha256,
    seconds: evaluation.seconds,
    duplicateOf: run.task.duplicateOf(submission, run.journal.events.slice(0, event.seq - 1)),
    ...(symbols && { symbols }),
    ...(tuned && {
      tuned: {
        path: tuned.steps.map(({ from, params }) => ({ from, params: { ...params } })),
        final: tuned.final && { ...tuned.final },
        report: run.objects.put(JSON.stringify(tuned)),
      },
    }),
  });
  run.returns.set(event.trial, evaluation.returns);
}

/** What was charged, from the journal and the objects. */
export function submissionOf(event: EventOf<'trial.started'>, objects: Pick<Objects, 'get'>): Submission {
  const files = textsOf(objects, event.files);
  const { candidate, family, hypothesis, params, fingerprint } = event;
  return { candidate, family, hypothesis, files, params, fingerprint };
}

function evaluationOf(run: Run, event: EventOf<'trial.finished'>): Evaluation {
  const { trial, outcome, gates, metrics, score, equityFingerprint: fingerprint, seconds, symbols } = event;
  const returns = run.returns.get(trial) ?? new Float64Array();
  return { outcome, gates, metrics, score, returns, fingerprint, seconds, ...(symbols && { symbols }) };
}

function crashedTrial(message: string): Evaluation {
  return unmeasured('crash', [plain('smoke', 'survives', false, 'crash', message)], 0);
}
