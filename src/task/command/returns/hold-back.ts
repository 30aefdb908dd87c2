import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { EXIT, messageOf, RalphError } from '../../../base/errors.ts';
import { isoDay } from '../../../base/numbers.ts';
import type { Contract } from '../contract/contract.ts';
import { type Returns, rangeOf } from '../contract/returns.ts';
import { placeIn } from '../run/tree.ts';
import { before, type Prices, readPrices } from './prices.ts';
import { timeOf } from './table.ts';

/** Price files by their path from the top of the repository. */
export type HeldBack = ReadonlyMap<string, Prices>;

/** The price files of a copy: whole ones are kept aside, the copy keeps what lies before the end of train. */
export const holdBack = { make, open };

function make(aside: string, tree: string, returns: Returns | undefined, prefix: string): void {
  for (const path of pathsOf(returns, prefix)) {
    const text = textAt(tree, path);
    writeFileSync(placeIn(aside, path), text);
    writeFileSync(join(tree, path), before(parsed(text, path, returns!), rangeOf(returns!, 'train').to));
  }
}

function open(aside: string, returns: Returns | undefined, prefix: string): HeldBack {
  return new Map(
    pathsOf(returns, prefix).map((path) => [path, parsed(readFileSync(join(aside, path), 'utf8'), path, returns!)]),
  );
}

function pathsOf(returns: Returns | undefined, prefix: string): string[] {
  return (returns?.data ?? []).map((path) => posix.join(prefix, path));
}

function textAt(tree: string, path: string): string {
  try {
    return readFileSync(join(tree, path), 'utf8');
  } catch (cause) {
    throw new RalphError(`the price file ${path} of "returns" cannot be read: ${messageOf(cause)}`, {
      remedy: 'Commit it, or name it under "carry" too where git ignores it.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function parsed(text: string, path: string, returns: Returns): Prices {
  try {
    const prices = readPrices(text, path, returns.price);
    const { from, to } = { from: rangeOf(returns, 'train').from, to: rangeOf(returns, 'holdout').to };
    const last = prices.times[prices.times.length - 1];
    if (prices.times[0] < to && last >= from && last >= rangeOf(returns, 'holdout').from) return prices;
    throw new Error(`${path} has no rows in every window; its last lies on ${isoDay(last)}`);
  } catch (cause) {
    throw new RalphError(messageOf(cause), {
      remedy: 'Correct the file, or the block "returns" in ralph.yaml.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

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
