import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSession, TranscriptEntry } from '../../agent/contract.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { type Objects, openObjects } from '../../journal/objects.ts';
import type { Run } from '../../loop/run.ts';
import { loadRivals } from '../../loop/steps/charge.ts';
import type { TaskLedger } from '../../task/spending.ts';
import { startModelServer } from '../server/serve.ts';
import { entriesOf, replayOf, sessionsIn } from './answers.ts';
import type { Score } from './score.ts';

/** A run whose every step waits for its turn in the score, and whose sessions are answered as they were. */
export interface Conducted {
  readonly run: Run;
  /** Runs a step as part of a cycle: what it starts knows whose turn to wait for. */
  within<T>(cycle: number, step: () => Promise<T>): Promise<T>;
}

/** More tokens than any prompt: where the window was full, the recorded answers say. */
const WINDOW = 4_000_000;

/**
 * Puts the score's order on a run: before a tool runs, before an answer of an evaluation or a session is journaled, and before a look
 * at held-back data. What happens between two such points happens without a pause, in the recording as in the replay.
 */
export function conduct(run: Run, score: Score, recordedIn: string, recorded: readonly RunEvent[]): Conducted {
  const within = new AsyncLocalStorage<number>();
  const turn = () => score.turnOf(within.getStore() ?? 0);
  const then = async <T>(step: () => Promise<T>): Promise<T> => {
    const value = await step();
    await turn();
    return value;
  };
  const journal: Run['journal'] = {
    get events() {
      return run.journal.events;
    },
    get head() {
      return run.journal.head;
    },
    append(event) {
      const done = run.journal.append(event);
      score.heard(done);
      return done;
    },
    close: () => run.journal.close(),
  };
  const tools = run.task.tools.map((tool): (typeof run.task.tools)[number] => ({
    ...tool,
    run: (args, cycle) =>
      within.run(cycle.id, async () => {
        await turn();
        return tool.run(args, cycle);
      }),
  }));
  const evaluate: Run['task']['evaluate'] = (submissions, context) => {
    const look = async (index: number) => {
      await turn();
      return context.look(index);
    };
    return run.task.evaluate(submissions, { ...context, look });
  };
  const answered = answeredAsRecorded(run.runSession, recordedIn, run.capabilities?.model);
  const runSession: RunSession = (spec, harness) => then(() => answered(within.getStore() ?? 0)(spec, harness));
  return {
    run: {
      ...run,
      journal,
      runSession:
        run.config.agent === 'builtin' ? runSession : (spec, harness) => then(() => run.runSession(spec, harness)),
      task: {
        ...run.task,
        tools,
        evaluate,
        ledger: run.task.ledger && ledgerAsRecorded(recorded, openObjects(recordedIn), turn),
      },
      evaluating: (step) => then(() => run.evaluating(step)),
    },
    within: (cycle, step) => within.run(cycle, step),
  };
}

/** Charges nothing: every trial and look is told what it was told then, when its turn comes. */
function ledgerAsRecorded(events: readonly RunEvent[], objects: Objects, turn: () => Promise<void>): TaskLedger {
  const find = <T extends 'trial.started' | 'selection.looked'>(type: T, trial: string) =>
    events.find((event) => event.type === type && event.trial === trial) as EventOf<T> | undefined;
  return {
    charge: async ({ doer: { trial } }) => {
      await turn();
      const then = find('trial.started', trial);
      // A number that was passed over then: it had been charged for other code.
      if (!then && events.some((event) => event.type === 'trial.started' && isLater(event.trial, trial)))
        return 'taken';
      // A recording from before there was a ledger, or a trial that the recording does not hold: the count of the run.
      if (then?.looks === undefined || then.ledger === undefined) return undefined;
      const { n, looks, rivals, ledger, forgotten = [], trainOnly = false } = then;
      return { n, looks, rivals: rivals ? loadRivals(rivals, objects) : [], ledger, forgotten, trainOnly };
    },
    begin: async () => {},
    look: async ({ trial }) => find('selection.looked', trial)?.look ?? 0,
    show: async () => {},
    keep: () => turn(),
    enter: async () => undefined,
    refuseSeenDays: async () => {},
    outlook: async () => ({ n: 0, forgotten: [], spent: null, lines: [] }),
    close: async () => {},
  };
}

/** Whether a trial is a later one of the same cycle: 0001-3 after 0001-2. */
function isLater(other: string, trial: string): boolean {
  const [a, b] = [other, trial].map((name) => name.split('-').map(Number));
  return a[0] === b[0] && a[1] > b[1];
}

/** The n-th time that a session of a cycle is held, it is answered what the n-th was answered; behind that, no more. */
function answeredAsRecorded(hold: RunSession, recordedIn: string, model: string | undefined) {
  const held = new Map<number, number>();
  return (cycle: number): RunSession =>
    async (spec, harness) => {
      const attempt = held.get(cycle) ?? 0;
      held.set(cycle, attempt + 1);
      const server = await recordedServer(transcriptOf(recordedIn, cycle)[attempt] ?? [], model);
      try {
        return await hold({ ...spec, endpoint: { ...spec.endpoint, baseUrl: server.baseUrl } }, harness);
      } finally {
        await server.close();
      }
    };
}

/** A server that answers what stands in a transcript, by the name of the model that was recorded. */
export function recordedServer(entries: readonly TranscriptEntry[], model: string | undefined) {
  const quirks = { window: WINDOW, ...(model ? { model } : {}) };
  return startModelServer({ brain: replayOf(entries), seed: 1, quirks });
}

function transcriptOf(runDir: string, cycle: number): TranscriptEntry[][] {
  const path = join(runDir, 'cycles', String(cycle).padStart(4, '0'), 'transcript.jsonl');
  return existsSync(path) ? sessionsIn(entriesOf(readFileSync(path, 'utf8'))) : [];
}
