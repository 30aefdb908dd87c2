import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { EXIT, messageOf, RalphError } from '../../../base/errors.ts';
import { isoDay } from '../../../base/numbers.ts';
import { type Returns, rangeOf } from '../contract/returns.ts';
import { placeIn } from '../run/tree.ts';
import { before, type Prices, readPrices } from './prices.ts';

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
