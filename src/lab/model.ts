import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, messageOf, RalphError } from '../base/errors.ts';
import { say } from '../base/terminal.ts';
import { usageOf } from '../verbs/help.ts';
import { scriptedResearcher } from './scripted/researcher.ts';
import { startModelServer } from './server/serve.ts';

/** Serves the demo's scripted model until Ctrl-C: a run on your own bars can be tried without a GPU. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8000' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string', default: '0' },
    },
  });
  const port = numberOf('--port', values.port, 65_535);
  const seed = numberOf('--seed', values.seed, Number.MAX_SAFE_INTEGER);
  const rate = Number(values.faults);
  if (!(rate >= 0 && rate <= 1)) throw wrong('--faults', 'a share from 0 to 1', values.faults);
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
  // a listening server keeps the process; the wait only needs an end
  while (!end.signal.aborted) await sleep(2 ** 30, undefined, { signal: end.signal }).catch(() => {});
  await server.close();
  return EXIT.done;
}

function numberOf(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw wrong(flag, 'a whole number', text);
}

function wrong(flag: string, expected: string, text: string): RalphError {
  return new RalphError(`${flag} is ${expected}, got "${text}"`, {
    remedy: `Usage: ${usageOf('model')}`,
    exitCode: EXIT.usage,
  });
}
