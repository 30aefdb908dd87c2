import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../base/draw/terminal.ts';
import { EXIT, messageOf, RalphError } from '../base/errors.ts';
import type { Handler } from '../verbs/table/table.ts';
import { scriptedResearcher } from './scripted/researcher.ts';
import { startModelServer } from './server/serve.ts';

/** Serves the demo's scripted model until Ctrl-C: a run on your own bars can be tried without a GPU. */
export const model: Handler<'model'> = async ({ port, seed, faults: rate }) => {
  const server = await startModelServer({ brain: scriptedResearcher(seed), seed, port, faults: { rate } }).catch(
    (error: unknown) => {
      throw new RalphError(`cannot listen on port ${port}: ${messageOf(error)}`, {
        remedy: 'Give another one with --port; 0 takes any that is free.',
        cause: error,
      });
    },
  );
  say(`scripted model at ${server.baseUrl}; it proposes from the library, all else is real. Ctrl-C ends it.`);
  say(`in another terminal:  RALPH_BASE_URL=${server.baseUrl} npm run ralph -- run --tag try --cycles 5`);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  // The listening server keeps the process alive; this waits for the signal.
  while (!end.signal.aborted) await sleep(2 ** 30, undefined, { signal: end.signal }).catch(() => {});
  await server.close();
  return EXIT.done;
};
