import { print, printJson, progress } from '../base/draw/terminal.ts';
import { EXIT, RalphError, UsageError } from '../base/errors.ts';
import { secret } from '../base/secrets.ts';
import { runFolder } from '../journal/folder.ts';
import { lockHolder, lockRun } from '../journal/lock.ts';
import { returnsReader } from '../journal/objects.ts';
import { settingsOf } from '../journal/projections/rows.ts';
import { openOutbox } from '../tracking/outbox.ts';
import { drain, fillOutbox } from '../tracking/sync.ts';
import { eventsIn } from './run.ts';
import type { Handler } from './table/table.ts';

const DEFAULTS = { project: 'ralph', entity: '', baseUrl: 'https://api.wandb.ai' };

/** What waits in the outbox. */
export const status: Handler<'track status'> = async ({ tag, runs, json }) => {
  show(runFolder(runs, tag), json);
};

/** Brings back what was set aside. */
export const retry: Handler<'track retry'> = async ({ tag, runs, json }) => {
  const dir = runFolder(runs, tag);
  const count = openOutbox(dir).retry();
  if (!json) print(`${count} put back into the outbox`);
  show(dir, json);
};

/** Sends whatever the journal holds and the server does not have. Exit 1 when something is left. */
export const sync: Handler<'track sync'> = async ({ tag, wait, runs, json }) => {
  const dir = runFolder(runs, tag);
  await sendAll(dir, wait * 1000);
  const { pending, failed } = show(dir, json);
  return pending + failed > 0 ? EXIT.failed : EXIT.done;
};

function show(dir: string, json: boolean): { pending: number; failed: number } {
  const outbox = openOutbox(dir, false);
  const report = { ...outbox.counts(), ...outbox.state() };
  if (json) printJson(report);
  else {
    print(`${report.pending} waiting, ${report.delivered} delivered, ${report.failed} refused`);
    if (report.lastError) print(`last error: ${report.lastError}`);
    if (report.retryAt > Date.now()) print(`next attempt: ${new Date(report.retryAt).toISOString()}`);
  }
  return report;
}

async function sendAll(dir: string, patienceMs: number): Promise<void> {
  const key = secret('WANDB_API_KEY');
  if (!key)
    throw new UsageError('WANDB_API_KEY is not set, so results cannot be sent', {
      remedy: 'Set it in the environment and run the same command again; nothing is lost meanwhile.',
    });
  const holder = lockHolder(dir);
  if (holder)
    throw new RalphError(`this run is under way (process ${holder.pid}) and sends its results itself`, {
      remedy: 'See how far it is with: npm run ralph -- track status',
    });
  using ends = new DisposableStack();
  ends.adopt(lockRun(dir), (lock) => lock.release());
  const events = eventsIn(dir);
  const outbox = openOutbox(dir);
  fillOutbox(outbox, events, { returnsOf: returnsReader(dir, events) });
  outbox.saveState({ ...outbox.state(), retryAt: 0 });
  const set = settingsOf(events).tracking as Partial<typeof DEFAULTS> | undefined;
  const { project, entity, baseUrl } = { ...DEFAULTS, ...set };
  const draw = progress();
  await drain(
    { runDir: dir, project, entity, baseUrl: (process.env.WANDB_BASE_URL || baseUrl).replace(/\/+$/, ''), key },
    patienceMs,
    (waiting) => draw(`${waiting} waiting`),
  );
  draw();
}
