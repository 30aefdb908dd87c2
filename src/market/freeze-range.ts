import { join } from 'node:path';
import { say } from '../base/draw/terminal.ts';
import { messageOf, RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import { isoDay } from '../base/numbers.ts';
import type { BadPrintRule } from './bad-prints.ts';
import { type Bars, columnsOf, DAY, MINUTE, type Range } from './bars.ts';
import type { Database } from './database.ts';
import { repairBars, repairsLine } from './repair.ts';
import { provenanceOf } from './store/freeze.ts';
import { fundingOf } from './store/funding.ts';
import { intervalOf } from './store/interval.ts';
import { readBars } from './store/read.ts';
import { verifyWindowFile, writeWindowFile } from './window-file.ts';
import { type FundingRates, WINDOW_SCHEMA, type WindowHeader } from './window-header.ts';

/** One immutable column file: one symbol in one window. */
export interface WindowFile
  extends Pick<WindowHeader, 'symbol' | 'fingerprint' | 'range' | 'warmupBars' | 'gapMinutes' | 'interval'> {
  readonly path: string;
  /** Bars in the range, warm-up bars not counted. */
  readonly bars: number;
  /** It is there as a member of a set alone, and may have no bars. */
  readonly mortal?: boolean;
}

/** One file a symbol in each window of a run. */
export interface FrozenSet {
  readonly train: WindowFile[];
  readonly selection: WindowFile[][];
  readonly holdout: WindowFile[];
}

/**
 * One file a symbol of a range that belongs to no run, for an evaluation by which nothing is judged: from its bars, with the warm-up before
 * it. Throws RalphError for a symbol without bars there that is not among `mortal`.
 */
export async function freezeRange(
  db: Database,
  {
    symbols,
    mortal = [],
    badPrints,
    ...range
  }: Omit<Wanted, 'symbol' | 'repair' | 'mortal'> & {
    readonly symbols: readonly string[];
    /** What strikes out a symbol's bad prints; without it, or with factor 0, windows hold the bars as they are stored. */
    readonly badPrints?: (symbol: string) => BadPrintRule;
    /** Symbols that may have no bars there. */
    readonly mortal?: readonly string[];
  },
): Promise<WindowFile[]> {
  const files: WindowFile[] = [];
  for (const symbol of symbols) {
    const repair = repairOf(badPrints, symbol);
    files.push(await freeze(db, { ...range, symbol, repair, mortal: mortal.includes(symbol) }));
  }
  return files;
}

function repairOf(badPrints: ((symbol: string) => BadPrintRule) | undefined, symbol: string): BadPrintRule | undefined {
  const rule = badPrints?.(symbol);
  return rule && (rule.factor > 0 || rule.adjust) ? rule : undefined;
}

interface Wanted {
  readonly symbol: string;
  readonly range: Range;
  readonly role: string;
  readonly warmupMs: number;
  readonly dir: string;
  readonly repair?: BadPrintRule;
  /** No bars there are no error. */
  readonly mortal: boolean;
}

async function freeze(db: Database, wanted: Wanted): Promise<WindowFile> {
  const { symbol, range, role, warmupMs, dir, mortal } = wanted;
  const path = join(dir, `${symbol}-${role}-${isoDay(range.from)}-${isoDay(range.to)}-w${warmupMs / DAY}.bars`);
  const header = await headerOf(db, wanted, path);
  const { fingerprint, bars, warmupBars, gapMinutes, interval = MINUTE } = header;
  const file = { path, symbol, fingerprint, range, bars: bars - warmupBars, warmupBars, gapMinutes, interval };
  return mortal ? { ...file, mortal } : file;
}

async function headerOf(db: Database, wanted: Wanted, path: string): Promise<WindowHeader> {
  const { symbol, role, range, repair } = wanted;
  const asked = { symbol, ...readSpan(wanted) };
  const key = canonicalJson({ path, ...readSpan(wanted), repair: repair ?? null });
  const seen = db.source?.seen.get(key);
  const unchanged = seen === undefined ? null : reusable(path, seen);
  if (unchanged) return unchanged;
  const funding = await fundingOf(db, { symbol, ...windowSpan(wanted) });
  // Nothing tells whether a table of the user's has changed: its bars are read, and what was read is the provenance.
  const own = db.source && (await readBars(db, asked));
  const prints = own && columnsOf(own).map((column) => sha256(column));
  const provenance = prints
    ? sha256(canonicalJson({ schema: WINDOW_SCHEMA, key, prints, ...(funding && { funding }) }))
    : await provenanceOf(db, { ...asked, range }, repair, funding);
  db.source?.seen.set(key, provenance);
  const known = reusable(path, provenance);
  if (known) return known;
  for (const line of funding ? fundingHoles(funding, range) : [])
    say(`${symbol} ${role}: ${line}: fundingBps of market.yaml is charged there`);
  const read = own ?? (await readBars(db, asked));
  return build(wanted, path, provenance, read, await intervalOf(db, symbol), funding);
}

function reusable(path: string, provenance: string): WindowHeader | null {
  try {
    const header = verifyWindowFile(path);
    if (header.provenance === provenance) return header;
    say(`${path} is stale (data, funding rates or the rule for bad prints changed): rebuilding it`);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') say(`rebuilding a damaged window: ${messageOf(error)}`);
  }
  return null;
}

function build(
  wanted: Wanted,
  path: string,
  provenance: string,
  read: Bars,
  interval: number,
  funding: FundingRates | undefined,
): WindowHeader {
  const { symbol, range, warmupMs, repair } = wanted;
  const { bars, badPrints } = repair ? repairBars(read, windowSpan(wanted), repair) : { bars: read };
  if (!wanted.mortal && (bars.length === 0 || bars.time[bars.length - 1] < range.from))
    throw new RalphError(
      `no bars of ${symbol} from ${isoDay(range.from)} to ${isoDay(range.to)} (${wanted.role} window)`,
      {
        remedy: `Ingest them (npm run ralph -- data ingest … --symbol ${symbol}), see what is there (data list), or change config/windows.yaml. One that began later or ended earlier is played as a member of a set: universes in config/market.yaml.`,
      },
    );
  failpoint('market.snapshot.before');
  const header = writeWindowFile(path, bars, { symbol, range, warmupMs, provenance, badPrints, interval, funding });
  failpoint('market.snapshot.after');
  if (badPrints && badPrints.prints.length > 0) say(`${symbol} ${wanted.role}: ${repairsLine(badPrints)}`);
  return header;
}

/** What a window holds: the warm-up, too. */
function windowSpan({ range, warmupMs }: Wanted): Range {
  return { from: range.from - warmupMs, to: range.to };
}

/** What is read for a window: with a rule, also the neighbours that judge its first and last minutes. */
function readSpan(wanted: Wanted): Range {
  const { from, to } = windowSpan(wanted);
  const margin = wanted.repair ? wanted.repair.minutes * MINUTE : 0;
  return { from: from - margin, to: to + margin };
}

/** Where no funding rate is known inside a window, in words; the rhythm is told from the rates themselves. */
function fundingHoles({ time }: FundingRates, { from, to }: Range): string[] {
  const steps = time.slice(1).map((at, i) => at - time[i]);
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? DAY;
  const lines: string[] = [];
  let before = from - usual;
  for (const at of [...time.filter((at) => at >= from), to + usual / 2]) {
    if (at - before > 1.5 * usual)
      lines.push(`no funding rate from ${isoDay(Math.max(from, before))} to ${isoDay(Math.min(at, to))}`);
    before = at;
  }
  return lines.length <= 5 ? lines : [...lines.slice(0, 5), `and ${lines.length - 5} more holes`];
}
