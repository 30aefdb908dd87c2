import type { RunEvent } from '../journal/events.ts';
import { type Objects, openObjects, returnsFromBytes } from '../journal/objects.ts';
import { changedParts, provenanceAt } from '../journal/provenance.ts';
import { stateOf } from '../journal/state/run-state.ts';
import type { Task } from '../task/task.ts';
import { chargedOf } from './steps/charge.ts';
import { historyBefore } from './steps/trial-history.ts';
import { submissionOf } from './steps/trials.ts';

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
  const { looks, byTrial } = stateOf(events);
  const { started, finished } = byTrial.get(trial) ?? {};
  if (!started || !finished) return undefined;
  const [evaluation] = await task.evaluate([submissionOf(started, objects)], {
    events: historyBefore(events, started),
    charged: [chargedOf(started, objects)],
    returnsOf: (earlier) => {
      const name = byTrial.get(earlier)?.returnsSha256;
      return name ? returnsFromBytes(objects.get(name)) : new Float64Array();
    },
    look: () => looks.get(trial) ?? (started.looks ?? looksBefore(events, started.seq)) + 1,
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

function looksBefore(events: readonly RunEvent[], seq: number): number {
  return events.filter((event) => event.type === 'selection.looked' && event.seq < seq).length;
}

function answerOf(
  outcome: string,
  fingerprint: string | null,
  gates: readonly { gate: string; passed: boolean }[],
): Answer {
  return { outcome, fingerprint, failed: gates.filter(({ passed }) => !passed).map(({ gate }) => gate) };
}
