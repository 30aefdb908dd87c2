import { closing } from '../base/closing.ts';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { EXIT } from '../base/errors.ts';
import { checkSet } from '../fleet/check-set.ts';
import { openServer } from '../fleet/server/connect.ts';
import { openWake } from '../fleet/server/serving.ts';
import { lookAtRuns, serve } from '../fleet/worker/serve.ts';
import { engineVersion } from '../gates/engine-version.ts';
import { placeOf } from '../market/server/address.ts';
import { packageVersion } from './help.ts';
import { meetingPlace, queueThere, untilSignal } from './meeting.ts';
import type { Handler } from './table/table.ts';

/** A worker answers over this many connections; one of them hears that there is work. */
const CONNECTIONS = 3;

/** Evaluates for runs on other machines. It decides nothing and keeps nothing but the windows that it fetched. */
export const worker: Handler<'worker'> = async ({ processes, check, schema, dir, json }) => {
  const url = meetingPlace('worker', schema);
  const [signal, interrupted] = untilSignal('the jobs go back to the queue');
  const own = { engine: engineVersion(), checked: await checkSet() };
  say(`engine ${own.engine.slice(0, 12)}, check set ${own.checked.slice(0, 12)}`);
  const wake = openWake();
  const asking = { url, schema, connections: CONNECTIONS, onSent: () => wake.now() };
  const server = check ? await openServer({ ...asking, role: 'worker' }) : await queueThere(asking, signal);
  if (server === null) return EXIT.interrupted;
  await using _ = closing(server);
  if (check) {
    const { tags } = await lookAtRuns(server, own);
    if (json) printJson({ ok: true, ...own, runs: tags });
    else print(tags.length > 0 ? `ok: the same bits as ${tags.join(', ')}` : 'ok, and no run is there to compare with');
    return EXIT.done;
  }
  say(`${processes} evaluations at once, for runs at ${placeOf(url)}; Ctrl-C gives the jobs back and ends`);
  await serve(server, wake, { ...own, version: packageVersion(), processes, dir, signal });
  return interrupted() ? EXIT.interrupted : EXIT.done;
};
