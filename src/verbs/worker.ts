import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, messageOf, RalphError } from '../base/errors.ts';
import { secret } from '../base/secrets.ts';
import { print, printJson, say } from '../base/terminal.ts';
import { checkSet } from '../fleet/check-set.ts';
import { openServer, type Server } from '../fleet/server/connect.ts';
import { lookAtRuns } from '../fleet/worker/runs.ts';
import { openWake, serve, type Wake } from '../fleet/worker/serve.ts';
import { engineVersion } from '../gates/engine-version.ts';
import { placeOf } from '../market/server/address.ts';
import { packageVersion } from './help.ts';
import type { Handler } from './table/table.ts';

/** A worker answers over this many connections; one of them hears that there is work. */
const CONNECTIONS = 3;
const AGAIN_MS = 2_000;

/** Evaluates for runs on other machines. It decides nothing and keeps nothing but the windows that it fetched. */
export const worker: Handler<'worker'> = async ({ processes, check, schema, dir, json }) => {
  const url = secret('DATABASE_URL');
  if (url === undefined) {
    throw new RalphError('a worker meets its runs in a database, and DATABASE_URL is not set', {
      remedy: 'Set DATABASE_URL to the server of the run, with a user of the role ralph_worker (config/README.md).',
      exitCode: EXIT.usage,
    });
  }
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema))
    throw new RalphError(`--schema ${schema}: expected a name in small letters`, {
      remedy: 'Write it as market.yaml does.',
      exitCode: EXIT.usage,
    });
  const [signal, interrupted] = untilSignal();
  const own = { engine: engineVersion(), checked: await checkSet() };
  say(`engine ${own.engine.slice(0, 12)}, check set ${own.checked.slice(0, 12)}`);
  const wake = openWake();
  const server = await queueThere(url, schema, wake, signal, check);
  if (server === null) return EXIT.interrupted;
  try {
    if (check) {
      const { tags } = await lookAtRuns(server, own);
      if (json) printJson({ ok: true, ...own, runs: tags });
      else
        print(tags.length > 0 ? `ok: the same bits as ${tags.join(', ')}` : 'ok, and no run is there to compare with');
      return EXIT.done;
    }
    say(`${processes} evaluations at once, for runs at ${placeOf(url)}; Ctrl-C gives the jobs back and ends`);
    await serve(server, wake, { ...own, version: packageVersion(), processes, dir, signal });
    return interrupted() ? EXIT.interrupted : EXIT.done;
  } finally {
    await server.close();
  }
};

/** The queue, as soon as a run has opened one; null when the signal comes first. */
async function queueThere(
  url: string,
  schema: string,
  wake: Wake,
  signal: AbortSignal,
  once: boolean,
): Promise<Server | null> {
  for (let told = false; ; told = true) {
    if (signal.aborted) return null;
    try {
      const onSent = () => wake.now();
      return await openServer({ url, schema, role: 'worker', onSent, connections: CONNECTIONS });
    } catch (thrown) {
      if (once || !/pg-boss is not installed|version.*does not exist/i.test(messageOf(thrown))) throw thrown;
      if (!told) say(`no run has opened a queue at ${placeOf(url)} yet: waiting for one`);
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function untilSignal(): [AbortSignal, () => boolean] {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    say(`${signal}: the jobs go back to the queue`);
    stop.abort();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return [stop.signal, () => stop.signal.aborted];
}
