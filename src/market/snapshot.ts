import { mkdirSync } from 'node:fs';
import { say } from '../base/draw/terminal.ts';
import { UsageError } from '../base/errors.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import type { BadPrintRule } from './bad-prints.ts';
import { MINUTE, type Range } from './bars.ts';
import { type Coverage, coverageOf, refuseUncovered } from './coverage.ts';
import type { Database } from './database.ts';
import { type FrozenSet, freezeRange, type WindowFile } from './freeze-range.ts';
import { type Quality, refuseUnfit } from './quality.ts';
import { lowerTrainCutoff } from './store/freeze.ts';
import type { Universes } from './universe/members.ts';
import type { Windows } from './windows.ts';

export type { WindowFile } from './freeze-range.ts';
export { readWindowFile, type WindowData } from './window-file.ts';

/** Everything a run reads: one file per symbol in each window. */
export interface FrozenWindows extends FrozenSet {
  readonly fingerprint: string;
  /** The sets of market.yaml, where there are any: part of the fingerprint. */
  readonly universes?: Universes;
}

export interface FreezeRequest {
  readonly windows: Windows;
  /** Symbols that must have bars over every window. */
  readonly symbols: readonly string[];
  /** Sets whose members are frozen too: one that began late or died is kept, with a window of no bars where it has none. */
  readonly universes?: Universes;
  readonly dir: string;
  /** What strikes out a symbol's bad prints; without it, or with factor 0, windows hold the bars as they are stored. */
  readonly badPrints?: (symbol: string) => BadPrintRule;
  /** What a market must be fit for; without it any is frozen. */
  readonly quality?: (symbol: string) => Quality;
}

/**
 * Freezes train, selection and holdout of each symbol. A file that is whole, of this schema and of the same
 * provenance is reused; a stale or damaged one is rebuilt and said so. Throws RalphError for a window without bars, or with days at
 * either end that have none.
 */
export async function freezeWindows(
  db: Database,
  { windows, symbols, universes, dir, badPrints, quality }: FreezeRequest,
): Promise<FrozenWindows> {
  const members = Object.values(universes ?? {}).flatMap((set) => Object.keys(set));
  const mortal = [...new Set(members)].filter((symbol) => !symbols.includes(symbol)).sort();
  mkdirSync(dir, { recursive: true });
  await lowerTrainCutoff(db, windows.train.to);
  const { warmupMs } = windows;
  const each = (range: Range, role: string) =>
    freezeRange(db, { symbols: [...symbols, ...mortal], mortal, badPrints, range, role, warmupMs, dir });
  const train = await each(windows.train, 'train');
  const selection: WindowFile[][] = [];
  for (const [k, fold] of windows.selection.entries()) selection.push(await each(fold, `selection${k + 1}`));
  const holdout = await each(windows.holdout, 'holdout');
  const prints = [train, ...selection, holdout].map((files) => files.map((file) => file.fingerprint));
  const fingerprint = sha256(canonicalJson(universes ? { prints, universes } : prints));
  const frozen = { fingerprint, train, selection, holdout, ...(universes && { universes }) };
  const coverage = coverageOf(frozen);
  refuseUncovered(coverage.filter(({ symbol }) => !mortal.includes(symbol)));
  sayEmpty(coverage.filter(({ symbol }) => mortal.includes(symbol)));
  refuseMixed(train.filter(hasBars));
  if (quality) refuseUnfit([...train, ...selection.flat(), ...holdout].filter(hasBars), quality);
  return frozen;
}

function hasBars({ bars, warmupBars }: WindowFile): boolean {
  return bars + warmupBars > 0;
}

/** Names the windows in which a member of a set has no bars. Throws RalphError for one that has none anywhere: that may be the death of a symbol that nobody sees. */
function sayEmpty(coverage: readonly Coverage[]): void {
  for (const symbol of new Set(coverage.map((each) => each.symbol))) {
    const own = coverage.filter((each) => each.symbol === symbol);
    const empty = own.filter(({ bars }) => bars === 0).map(({ window }) => window);
    if (empty.length === own.length)
      throw new UsageError(`${symbol} is in a set of market.yaml and has no bars in any window`, {
        remedy: `Bring them: npm run ralph -- data ingest FILES --symbol ${symbol}. Leaving a symbol out because it died makes every result of the set too good.`,
      });
    if (empty.length > 0)
      say(
        `${symbol}, a member of a set, has no bars in ${empty.join(', ')}: it stays a member and trades where it has some`,
      );
  }
}

/** One clock for all symbols of a run: orders of one would fill inside the bar of another. */
function refuseMixed(files: readonly WindowFile[]): void {
  const odd = files.find(({ interval }) => interval !== files[0].interval);
  if (!odd) return;
  const minutes = ({ interval = MINUTE }: WindowFile) => `${interval / MINUTE} min`;
  throw new UsageError(
    `${files[0].symbol} has bars of ${minutes(files[0])}, ${odd.symbol} of ${minutes(odd)}: a run has one execution bar`,
    { remedy: 'Leave one of them out of config/market.yaml, or ingest bars of one length.' },
  );
}
