import { stringify } from 'yaml';
import type { CommandTaskConfig } from '../options.ts';

/**
 * The same task in the form that `ralph setup` writes, as a block of ralph.yaml. `keepAt` has no counterpart: kept is what beats the best so
 * far, from the committed file on.
 */
export function newerForm({ command, file, goal, better, timeoutSeconds }: CommandTaskConfig): string {
  const run = [...command, file].map((part) => (/^[\w./-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`));
  const task = {
    goal,
    editable: [file],
    run: run.join(' '),
    metrics: { value: { from: { pattern: '^(\\S+)$' }, better } },
    primary: 'value',
    budgetSeconds: timeoutSeconds,
  };
  return stringify({ task }, { lineWidth: 0 }).trimEnd();
}
