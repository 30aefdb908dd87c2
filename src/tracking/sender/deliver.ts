import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboxItem } from '../outbox.ts';
import { ASK_AGAIN_MS } from './ask-again.ts';
import { Refused } from './refused.ts';
import { sendRun } from './sdk.ts';
import { type Held, labelsOf, type Server } from './server.ts';

/** Brings an item to the server and returns when the server confirms it. Asks first, so that nothing is sent twice. Throws Refused. */
export async function deliver(
  item: OutboxItem,
  server: Server,
  target: { readonly project: string; readonly baseUrl: string; readonly runDir: string },
  key: string,
): Promise<void> {
  const entity = await server.entity();
  const rows = Math.max(1, item.run.history.length);
  // All rows may have arrived and the end not: then the run would be shown as running, and later as crashed.
  const { run } = item;
  const has = (held: Held | null) =>
    held !== null && held.digest === item.digest && held.rows >= rows && isState(held.state, run.exitCode);
  const complete = async (held: Held | null) => {
    if (held?.labels !== labelsOf(run) || (run.exitCode === null && held?.state !== 'running')) {
      // The labels are the mark that people were told.
      await server.tell(run);
      await server.label(run);
    }
    await server.attach(run, target.runDir);
    await server.store(run, target.runDir);
  };
  const before = await server.ask(run.id);
  if (has(before)) return complete(before);
  const troubles = server.troubles();
  await sendRun(item, { entity, project: target.project, baseUrl: target.baseUrl, key });
  let held: Held | null = null;
  for (const wait of ASK_AGAIN_MS) {
    await sleep(wait);
    held = await server.ask(run.id);
    if (has(held)) return complete(held);
    if (server.holdUntil() > Date.now()) throw new Refused('the tracking server limits the rate', false);
  }
  const found = held
    ? `${held.rows} rows, digest ${held.digest?.slice(0, 8) ?? 'none'}, state ${held.state}`
    : 'nothing';
  const message = `${run.id}: sent ${rows} rows, digest ${item.digest.slice(0, 8)}; the server holds ${found}`;
  // Only when nothing else went wrong meanwhile does it look as if this item were at fault.
  throw new Refused(message, server.troubles() === troubles);
}

/** Whether the server shows a run with this exit code in that state. The state of one that goes on is set afterwards. */
function isState(state: string, exitCode: number | null): boolean {
  return exitCode === null || (exitCode === 0 ? ['finished'] : ['failed', 'crashed']).includes(state);
}
