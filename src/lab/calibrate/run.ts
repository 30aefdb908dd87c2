import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import type { Experiment } from './experiments.ts';
import type { CalibrationPaths, SearchAnswer, SearchTask } from './worker.ts';

export interface CalibrationRun extends CalibrationPaths {
  readonly experiments: readonly Experiment[];
  readonly workers: number;
  /** Searches that were answered before. */
  readonly skip: (task: SearchTask) => boolean;
  /** No search is begun after this many seconds; those under way are finished. */
  readonly seconds: number;
  readonly onAnswer: (answer: SearchAnswer, done: number, all: number) => void;
}

/** Plays every search of every experiment on worker threads; answers arrive in no particular order but depend on seeds alone. */
export async function runExperiments(run: CalibrationRun): Promise<SearchAnswer[]> {
  // Search k of every experiment before search k + 1 of any: an interrupted run has something to say about each.
  const longest = Math.max(0, ...run.experiments.map(({ searches }) => searches));
  const tasks: SearchTask[] = [];
  for (let index = 0; index < longest; index++) {
    // The second from the back: a run that is out of time in the middle of a round has not left out the same ones twice.
    for (const experiment of index % 2 === 0 ? run.experiments : run.experiments.toReversed()) {
      if (index < experiment.searches && !run.skip({ experiment, index })) tasks.push({ experiment, index });
    }
  }
  const all = tasks.length;
  const end = performance.now() + run.seconds * 1000;
  const answers: SearchAnswer[] = [];
  const { libraryDir, configDir, real, curves } = run;
  const lanes = Array.from({ length: Math.min(run.workers, all) }, async () => {
    const worker = new Worker(join(import.meta.dirname, `worker${MODULE_ENDING}`), {
      workerData: { libraryDir, configDir, real, curves },
    });
    try {
      for (let task = tasks.shift(); task && performance.now() < end; task = tasks.shift()) {
        const answer = await ask(worker, task);
        answers.push(answer);
        run.onAnswer(answer, answers.length, all);
      }
    } finally {
      await worker.terminate();
    }
  });
  await Promise.all(lanes);
  return answers;
}

function ask(worker: Worker, task: SearchTask): Promise<SearchAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.removeAllListeners('message').removeAllListeners('error');
      finish();
    };
    worker.once('message', (answer: SearchAnswer) => settle(() => resolve(answer)));
    worker.once('error', (error) => settle(() => reject(error)));
    worker.postMessage(task);
  });
}
