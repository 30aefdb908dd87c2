import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../base/draw/terminal.ts';
import { messageOf, UsageError } from '../base/errors.ts';
import { secret } from '../base/secrets.ts';
import { AWAY_MS, isAway, openServer, type Server } from '../fleet/server/connect.ts';
import { SCHEMA_NAME } from '../fleet/server/tables.ts';
import { placeOf } from '../market/server/address.ts';

const AGAIN_MS = 2_000;
const QUEUE_MISSING = /pg-boss is not installed|version.*does not exist/i;

/** DATABASE_URL, where workers and islands meet their runs. Throws RalphError (exit 2) without it, or when the schema cannot be one. */
export function meetingPlace(who: 'worker' | 'island', schema: string): string {
  const url = secret('DATABASE_URL');
  if (url === undefined)
    throw new UsageError(`a ${who} meets its runs in a database, and DATABASE_URL is not set`, {
      remedy: `Set DATABASE_URL to the server of the run, with a user of the role ralph_${who} (config/README.md).`,
    });
  if (!SCHEMA_NAME.test(schema))
    throw new UsageError(`--schema ${schema}: expected a name in small letters`, {
      remedy: 'Write it as the config of the run does.',
    });
  return url;
}

/**
 * The queue, as soon as a run has opened one; null when the signal comes first. A server that restarts just now is asked again for a while;
 * throws RalphError when it stays away.
 */
export async function queueThere(
  asking: Omit<Parameters<typeof openServer>[0], 'role'>,
  signal: AbortSignal,
): Promise<Server | null> {
  let told = '';
  let awaySince: number | undefined;
  for (;;) {
    if (signal.aborted) return null;
    try {
      return await openServer({ ...asking, role: 'worker' });
    } catch (thrown) {
      const away = isAway(thrown) || isAway((thrown as Error).cause);
      awaySince = away ? (awaySince ?? performance.now()) : undefined;
      if (away ? performance.now() - awaySince! > AWAY_MS : !QUEUE_MISSING.test(messageOf(thrown))) throw thrown;
      const why = away
        ? `${messageOf(thrown)}: asking again for ${AWAY_MS / 1000} s`
        : `no run has opened a queue at ${placeOf(asking.url)} yet: waiting for one`;
      if (why !== told) say(why);
      told = why;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** Aborted by Ctrl-C or SIGTERM, with a word on what happens then; and whether it was. */
export function untilSignal(what: string): [AbortSignal, () => boolean] {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    say(`${signal}: ${what}`);
    stop.abort();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return [stop.signal, () => stop.signal.aborted];
}
