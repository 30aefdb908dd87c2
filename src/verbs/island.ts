import { tmpdir } from 'node:os';
import { probeServer } from '../agent/doctor/probe.ts';
import { childSessions } from '../agent/spawn.ts';
import { closing } from '../base/closing.ts';
import { say } from '../base/draw/terminal.ts';
import { EXIT } from '../base/errors.ts';
import { configFolder, PROJECT_DIR } from '../base/roots.ts';
import { secret } from '../base/secrets.ts';
import { sessionVersion } from '../fleet/island/letters.ts';
import { serveIsland } from '../fleet/island/serve.ts';
import { openWake } from '../fleet/server/serving.ts';
import { readRalphConfig } from '../loop/config.ts';
import { openRestarts } from '../loop/restarts.ts';
import { placeOf } from '../market/server/address.ts';
import { configPath } from '../task/config-path.ts';
import { packageVersion } from './help.ts';
import { meetingPlace, queueThere, untilSignal } from './meeting.ts';
import type { Handler } from './table/table.ts';

/** One hears that there is a session, the others carry letters. */
const CONNECTIONS = 4;

/** Holds sessions for runs on other machines, against its own model server. Journal, tools, ledger and git stay with the run. */
export const island: Handler<'island'> = async ({ sessions: count, schema, config }) => {
  const url = meetingPlace('island', schema);
  const [signal, interrupted] = untilSignal('the sessions end, and their runs hold them elsewhere');
  const path = configPath(PROJECT_DIR, config ?? configFolder(PROJECT_DIR), 'ralph.yaml');
  const { endpoint: configured } = readRalphConfig(path, process.env);
  const apiKey = secret('RALPH_API_KEY') || 'none';
  const capabilities = await probeServer({ ...configured, apiKey }, { signal, stopping: interrupted });
  const endpoint = { baseUrl: configured.baseUrl, model: capabilities.model ?? configured.model, apiKey };
  const wake = openWake();
  const asking = { url, schema, connections: CONNECTIONS, durable: true, onSent: () => wake.now() };
  const server = await queueThere(asking, signal);
  if (server === null) return EXIT.interrupted;
  await using _ = closing(server);
  await using sessions = closing(childSessions());
  // What a restart of its model server says stands at this terminal, and its log in the folder for temporary files.
  const { restart, answered } = openRestarts(configured.restartCommand, tmpdir(), { append: () => {} });
  say(
    `model ${endpoint.model} at ${endpoint.baseUrl}: ${count} sessions at once, for runs at ${placeOf(url)}; Ctrl-C ends them`,
  );
  await serveIsland(server, wake, {
    code: sessionVersion(),
    version: packageVersion(),
    endpoint,
    capabilities,
    count,
    run: (spec, { onEntry, ...harness }) =>
      sessions.run(spec, {
        ...harness,
        onEntry: (entry) => {
          if (entry.kind === 'turn') answered();
          onEntry(entry);
        },
      }),
    restart,
    signal,
  });
  return interrupted() ? EXIT.interrupted : EXIT.done;
};
