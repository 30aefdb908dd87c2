import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { print, printJson, progress } from '../base/terminal.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { lockHolder, lockRun } from '../journal/lock.ts';
import { openObjects, returnsFromBytes } from '../journal/objects.ts';
import { settingsOf } from '../journal/projections/rows.ts';
import { openOutbox } from '../tracking/outbox.ts';
import { drain, fillOutbox } from '../tracking/sync.ts';

const DEFAULTS = { project: 'ralph', entity: '', baseUrl: 'https://api.wandb.ai' };

/**
 * `track status | sync | retry [--tag TAG] [--wait SECONDS] [--json]`: what waits in the outbox; send it now, whatever the
 * journal holds included; bring back what was put aside.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tag: { type: 'string' },
      runs: { type: 'string' },
      wait: { type: 'string', default: '3600' },
      json: { type: 'boolean' },
    },
  });
  const [what = 'status'] = positionals;
  if (!['status', 'sync', 'retry'].includes(what)) {
    throw new RalphError(`track takes status, sync or retry, got "${what}"`, {
      remedy: 'Try: npm run ralph -- track status',
      exitCode: EXIT.usage,
    });
  }
  const dir = runFolder(values.runs ?? join(import.meta.dirname, '../../runs'), values.tag);
  const outbox = openOutbox(dir, what !== 'status');
  if (what === 'retry') print(`${outbox.retry()} put back into the outbox`);
  let left = outbox.pending().length;
  if (what === 'sync') left = await sync(dir, Number(values.wait) * 1000);
  const report = {
    pending: left,
    failed: outbox.failed().length,
    delivered: outbox.deliveredCount(),
    ...outbox.state(),
  };
  if (values.json) printJson(report);
  else {
    print(`${report.pending} waiting, ${report.delivered} delivered, ${report.failed} refused`);
    if (report.lastError) print(`last error: ${report.lastError}`);
    if (report.retryAt > Date.now()) print(`next attempt: ${new Date(report.retryAt).toISOString()}`);
  }
  return what === 'sync' && report.pending + report.failed > 0 ? EXIT.failed : EXIT.done;
}

async function sync(dir: string, patienceMs: number): Promise<number> {
  const key = process.env.WANDB_API_KEY;
  if (!key) {
    throw new RalphError('WANDB_API_KEY is not set: there is nowhere to send to', {
      remedy: 'Set it in the environment and run the same command again; nothing is lost meanwhile.',
      exitCode: EXIT.usage,
    });
  }
  const holder = lockHolder(dir);
  if (holder) {
    throw new RalphError(`this run is under way (process ${holder.pid}) and sends its results itself`, {
      remedy: 'See how far it is with: npm run ralph -- track status',
    });
  }
  const lock = await lockRun(dir);
  try {
    const events = readJournal(join(dir, 'journal.jsonl'));
    const objects = openObjects(dir);
    const outbox = openOutbox(dir);
    fillOutbox(outbox, events, { returnsOf: (trial) => returnsOf(trial, events, (name) => objects.get(name)) });
    outbox.saveState({ ...outbox.state(), retryAt: 0 });
    const { project, entity, baseUrl } = trackingOf(events);
    const show = progress();
    const left = await drain(
      { runDir: dir, project, entity, baseUrl: (process.env.WANDB_BASE_URL || baseUrl).replace(/\/+$/, ''), key },
      patienceMs,
      (waiting) => show(`${waiting} waiting`),
    );
    show();
    return left;
  } finally {
    await lock.release();
  }
}

function trackingOf(events: readonly RunEvent[]): typeof DEFAULTS {
  return { ...DEFAULTS, ...(settingsOf(events).tracking as Partial<typeof DEFAULTS> | undefined) };
}

function returnsOf(trial: string, events: readonly RunEvent[], read: (name: string) => Buffer): Float64Array {
  const finished = events.find((event) => event.type === 'trial.finished' && event.trial === trial);
  const name = finished?.type === 'trial.finished' ? finished.returnsSha256 : null;
  return name ? returnsFromBytes(read(name)) : new Float64Array();
}
