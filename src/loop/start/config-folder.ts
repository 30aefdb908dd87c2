import { join } from 'node:path';
import type { RunEvent } from '../../journal/events.ts';

/** The config folder that a run was last started with, absolute, so that later commands on the run read the same files. */
export function configFolderOf(events: readonly RunEvent[], projectDir: string): string {
  const first = events[0];
  const config = first?.type === 'run.started' ? (first.config as { folder?: string } | null) : null;
  return join(projectDir, config?.folder ?? 'config');
}
