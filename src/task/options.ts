import { z } from 'zod';
import type { Contract } from './command/contract/contract.ts';

/** Any command that is handed a file and prints a number as its last line. */
export const numberTask = z.strictObject({
  /** Program and arguments; the candidate file's path is appended. */
  command: z.array(z.string()).min(1),
  /** Name of the file that the agent writes, such as `solve.py`. */
  file: z.string().min(1),
  /** What the number means and what to aim for, for the agent. */
  goal: z.string().min(1),
  better: z.enum(['higher', 'lower']),
  /** The number at which a candidate is kept. */
  keepAt: z.number(),
  timeoutSeconds: z.number().positive(),
});

export type CommandTaskConfig = z.infer<typeof numberTask>;

export interface TaskOptions {
  readonly projectDir: string;
  /** Folder whose config files take precedence over the project's own. */
  readonly configDir: string;
  readonly config: 'trading' | CommandTaskConfig | Contract;
  /** What system text and task text may take together, in tokens. */
  readonly promptTokens: number;
  /** On the blocks wire: plain numbers of a strategy become ranges for the tuner. */
  readonly tuneNumbers?: boolean;
  readonly runDir: string;
  /** Candidates are evaluated by workers over DATABASE_URL, not by processes of this host. */
  readonly byWorkers?: boolean;
}
