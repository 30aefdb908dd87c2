import { homeOf } from '../job.ts';
import type { Server } from '../server/connect.ts';
import { forgetSilent, type Present, presentIn } from '../server/present.ts';

/** A worker as the run sees it. */
export interface Host extends Present {
  readonly host: string;
  readonly engine: string;
  readonly processes: number;
  readonly done: number;
  readonly failed: number;
  /** Answers that came after their lease was lost, and were ignored. */
  readonly late: number;
  readonly since: Date;
}

export async function livingHosts(server: Server): Promise<Host[]> {
  return presentIn<Host>(server, 'hosts', 'host', ['engine', 'processes', 'done', 'failed', 'late', 'since']);
}

/** Removes workers that were silent for long; what waits in their own queues goes with these. */
export async function forgetHosts(server: Server): Promise<void> {
  await forgetSilent<Host>(server, 'hosts', ['host', 'engine'], ({ host, engine }) => homeOf(engine, host));
}
