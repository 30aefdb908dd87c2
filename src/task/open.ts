import { openProjectTask } from './command/task.ts';
import { openNumberTask } from './number/task.ts';
import type { TaskOptions } from './options.ts';
import type { Task } from './task.ts';
import { openTradingTask } from './trading/task.ts';

/** Opens the task that ralph.yaml names. Throws RalphError when its data or config cannot carry a run. */
export function openTask(options: TaskOptions): Promise<Task> {
  const { config } = options;
  if (config === 'trading') return openTradingTask(options);
  return 'editable' in config ? openProjectTask(options, config) : openNumberTask(options, config);
}
