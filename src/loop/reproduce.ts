import type { EventOf, RunEvent } from '../journal/events.ts';
import { type Objects, openObjects, returnsFromBytes } from '../journal/objects.ts';
import { changedParts, provenanceAt } from '../journal/provenance.ts';
import type { Submission, Task } from '../task/task.ts';
import { chargedOf } from './steps/charge.ts';
import { historyBefore } from './steps/trial-history.ts';

/** A stored trial evaluated once more, beside what the journal says of it. */
export interface Reproduction {
  readonly trial: string;
  readonly same: boolean;
  readonly stored: Answer;
  readonly again: Answer;
  /** Parts of the provenance key that differ between then and now; they explain a difference. */
  readonly changed: readonly string[];
}

interface Answer {
  readonly outcome: string;
  readonly fingerprint: string | null;
  /** Names of the failed gates. */
  readonly failed: readonly string[];
}

/**
 * Rebuilds a trial from journal and objects and evaluates it with the history it had. Changes and charges nothing. Undefined without such
 * a trial. All that it takes besides the journal and the bars, it gets from `objects`.
 */
export async function reproduceTrial(
  runDir: string,
  events: readonly RunEvent[],
  trial: string,
  task: Task,
  objects: Pick<Objects, 'get'> = openObjects(runDir),
): Promise<Reproduction | undefined> {
  const started = events.find((event) => event.type === 'trial.started' && event.trial === trial) as
    | EventOf<'trial.started'>
    | undefined;
  const finished = events.find((event) => event.type === 'trial.finished' && event.trial === trial) as
    | EventOf<'trial.finished'>
    | undefined;
  if (!started || !finished) return undefined;
  const [evaluation] = await task.evaluate([rebuilt(started, (name) => objects.get(name))], {
    events: historyBefore(events, started),
    charged: [chargedOf(started, objects)],
    returnsOf: (earlier) => returnsOf(events, earlier, (name) => objects.get(name)),
    look: () => lookOf(events, trial) ?? (started.looks ?? looksBefore(events, started.seq)) + 1,
    signal: new AbortController().signal,
  });
  const stored = answerOf(finished.outcome, finished.equityFingerprint, finished.gates);
  const again = answerOf(evaluation.outcome, evaluation.fingerprint, evaluation.gates);
  const same = JSON.stringify(stored) === JSON.stringify(again);
  const now = await task.provenance();
  // The model proposed the trial; evaluating it again does not need it.
  const then = Object.fromEntries(Object.entries(provenanceAt(events, started.seq)).filter(([part]) => part in now));
  return { trial, same, stored, again, changed: changedParts(then, now) };
}

/** The number that a trial's look had; undefined when it took none. */
function lookOf(events: readonly RunEvent[], trial: string): number | undefined {
  const looked = events.find((event) => event.type === 'selection.looked' && event.trial === trial);
  return looked?.type === 'selection.looked' ? looked.look : undefined;
}

function looksBefore(events: readonly RunEvent[], seq: number): number {
  return events.filter((event) => event.type === 'selection.looked' && event.seq < seq).length;
}

function rebuilt(event: EventOf<'trial.started'>, get: (name: string) => Buffer): Submission {
  const files = Object.fromEntries(
    Object.entries(event.files).map(([name, object]) => [name, get(object).toString('utf8')]),
  );
  const { candidate, family, hypothesis, params, fingerprint } = event;
  return { candidate, family, hypothesis, files, params, fingerprint };
}

function returnsOf(events: readonly RunEvent[], trial: string, get: (name: string) => Buffer): Float64Array {
  const finished = events.find((event) => event.type === 'trial.finished' && event.trial === trial);
  return finished?.type === 'trial.finished' && finished.returnsSha256
    ? returnsFromBytes(get(finished.returnsSha256))
    : new Float64Array();
}

function answerOf(
  outcome: string,
  fingerprint: string | null,
  gates: readonly { gate: string; passed: boolean }[],
): Answer {
  return { outcome, fingerprint, failed: gates.filter(({ passed }) => !passed).map(({ gate }) => gate) };
}
