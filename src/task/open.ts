import { openCommandTask } from './command/task.ts';
import type { TaskOptions } from './options.ts';
import type { Task } from './task.ts';
import { openTradingTask } from './trading/task.ts';

/** Opens the task that ralph.yaml names. Throws RalphError when its data or config cannot carry a run. */
export function openTask(options: TaskOptions): Promise<Task> {
  return options.config === 'trading' ? openTradingTask(options) : openCommandTask(options, options.config);
}
