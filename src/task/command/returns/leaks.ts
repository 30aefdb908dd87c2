import { globSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { EXIT, RalphError } from '../../../base/errors.ts';
import type { Contract } from '../contract/contract.ts';
import { rangeOf } from '../contract/returns.ts';
import type { HeldBack } from './hold-back.ts';
import { timeOf } from './table.ts';

/** Rows of held-back days that a file may have by chance, such as a changelog's dates. */
const FEW_ROWS = 5;
const LARGEST = 256_000_000;

/** Throws RalphError when another file of the project has rows of the days that are held back. Only text files with a time first are seen. */
export function refuseLeaks(
  tree: string,
  paths: Iterable<string>,
  heldBack: HeldBack,
  { returns, carry }: Pick<Contract, 'returns' | 'carry'>,
  prefix: string,
): void {
  if (!returns) return;
  const { to: trained } = rangeOf(returns, 'train');
  const { to: end } = rangeOf(returns, 'holdout');
  for (const path of [...paths, ...carry.flatMap((each) => textsBelow(tree, posix.join(prefix, each)))]) {
    if (heldBack.has(path)) continue;
    const file = join(tree, path);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > LARGEST) continue;
    const days = new Set<number>();
    for (const line of readFileSync(file, 'latin1').split('\n')) {
      const time = /^["\d]/.test(line) ? timeOf(line.split(/[,;\t]/, 1)[0]) : Number.NaN;
      if (time >= trained && time < end) days.add(time);
      if (days.size < FEW_ROWS) continue;
      throw new RalphError(
        `${path} has rows of days that "returns" holds back: the model and its code could read them`,
        {
          remedy: 'Name it under returns.data, so that it is cut at each window; or take it out of the repository.',
          exitCode: EXIT.usage,
        },
      );
    }
  }
}

/** Files of a carried folder that could hold rows; installed packages are left out. */
function textsBelow(tree: string, path: string): string[] {
  if (/(^|\/)(node_modules|\.?venv)$/.test(path)) return [];
  const names = globSync('**/*.{csv,tsv,txt,dat}', {
    cwd: join(tree, path),
    exclude: ['**/node_modules/**', '**/.venv/**'],
  });
  return [path, ...names.map((name) => posix.join(path, name))];
}
