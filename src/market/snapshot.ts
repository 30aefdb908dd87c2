import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, messageOf, RalphError } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import { say } from '../base/terminal.ts';
import type { BadPrintRule } from './bad-prints.ts';
import { type Bars, barsOf, columnsOf, DAY, MINUTE, type Range } from './bars.ts';
import { type Coverage, coverageOf, refuseUncovered } from './coverage.ts';
import { type Database, withClient } from './database.ts';
import { fundingHoles } from './funding-holes.ts';
import type { OwnTable } from './own/own-table.ts';
import { type Quality, refuseUnfit } from './quality.ts';
import { repairBars, repairsLine } from './repair.ts';
import { beginWork } from './server/pool.ts';
import { copyBarsOut, selectBars } from './store/copy.ts';
import { lowerTrainCutoff, provenanceOf } from './store/freeze.ts';
import { fundingOf } from './store/funding.ts';
import { intervalOf } from './store/interval.ts';
import type { Universes } from './universe/members.ts';
import {
  type FundingRates,
  verifyWindowFile,
  WINDOW_SCHEMA,
  type WindowHeader,
  writeWindowFile,
} from './window-file.ts';
import { isoDay, type Windows } from './windows.ts';

export { readWindowFile, type WindowData } from './window-file.ts';

/** One immutable column file: one symbol in one window. */
export interface WindowFile {
  readonly path: string;
  readonly symbol: string;
  readonly fingerprint: string;
  readonly range: Range;
  /** Bars in the range, warm-up bars not counted. */
  readonly bars: number;
  readonly warmupBars: number;
  readonly gapMinutes: number;
  /** Length of a bar in ms, the execution bar; a minute when it is not given. */
  readonly interval?: number;
  /** It is there as a member of a set alone, and may have no bars. */
  readonly mortal?: boolean;
}

/** Everything a run reads: one file per symbol in each window. */
export interface FrozenWindows {
  readonly fingerprint: string;
  readonly train: WindowFile[];
  readonly selection: WindowFile[][];
  readonly holdout: WindowFile[];
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

/** Rows of one COPY: the embedded server builds its whole answer in memory. */
const SLICE = 120 * DAY;

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
  const each = (range: Range, role: string) =>
    freezeRange(db, {
      symbols: [...symbols, ...mortal],
      mortal,
      badPrints,
      range,
      role,
      warmupMs: windows.warmupMs,
      dir,
    });
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
    if (empty.length === own.length) {
      throw new RalphError(`${symbol} is in a set of market.yaml and has no bars in any window`, {
        remedy: `Bring them: npm run ralph -- data ingest FILES --symbol ${symbol}. Leaving a symbol out because it died makes every result of the set too good.`,
        exitCode: EXIT.usage,
      });
    }
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
  throw new RalphError(
    `${files[0].symbol} has bars of ${minutes(files[0])}, ${odd.symbol} of ${minutes(odd)}: a run has one execution bar`,
    { remedy: 'Leave one of them out of config/market.yaml, or ingest bars of one length.', exitCode: EXIT.usage },
  );
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
  }: Omit<Wanted, 'symbol' | 'repair' | 'mortal'> &
    Pick<FreezeRequest, 'symbols' | 'badPrints'> & {
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

function repairOf(badPrints: FreezeRequest['badPrints'], symbol: string): BadPrintRule | undefined {
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
  const header = db.source ? await freezeOwn(db, db.source, wanted, path) : await freezeStored(db, wanted, path);
  const { fingerprint, bars, warmupBars, gapMinutes, interval = MINUTE } = header;
  const file = { path, symbol, fingerprint, range, bars: bars - warmupBars, warmupBars, gapMinutes, interval };
  return mortal ? { ...file, mortal } : file;
}

async function freezeStored(db: Database, wanted: Wanted, path: string): Promise<WindowHeader> {
  const { symbol, range, repair, warmupMs } = wanted;
  const funding = await fundingOf(db, { symbol, from: range.from - warmupMs, to: range.to });
  const provenance = await provenanceOf(db, { symbol, ...spanOf(wanted), range }, repair, funding);
  const known = reusable(path, provenance);
  if (known) return known;
  sayHoles(wanted, funding);
  return build(
    wanted,
    path,
    provenance,
    await readBars(db, { symbol, ...spanOf(wanted) }),
    await intervalOf(db, symbol),
    funding,
  );
}

function sayHoles({ symbol, role, range }: Wanted, funding: FundingRates | undefined): void {
  for (const line of funding ? fundingHoles(funding, range) : [])
    say(`${symbol} ${role}: ${line}: fundingBps of market.yaml is charged there`);
}

/** Nothing tells whether a table of the user's has changed: its bars are read, and what was read is the provenance. */
async function freezeOwn(db: Database, source: OwnTable, wanted: Wanted, path: string): Promise<WindowHeader> {
  const key = canonicalJson({ path, ...spanOf(wanted), repair: wanted.repair ?? null });
  const seen = source.seen.get(key);
  const known = seen === undefined ? null : reusable(path, seen);
  if (known) return known;
  const read = await readBars(db, { symbol: wanted.symbol, ...spanOf(wanted) });
  const prints = columnsOf(read).map((column) => sha256(column));
  const funding = await fundingOf(db, {
    symbol: wanted.symbol,
    from: wanted.range.from - wanted.warmupMs,
    to: wanted.range.to,
  });
  const provenance = sha256(canonicalJson({ schema: WINDOW_SCHEMA, key, prints, ...(funding && { funding }) }));
  source.seen.set(key, provenance);
  const same = reusable(path, provenance);
  if (same) return same;
  sayHoles(wanted, funding);
  return build(wanted, path, provenance, read, source.interval, funding);
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
  interval = MINUTE,
  funding?: FundingRates,
): WindowHeader {
  const { symbol, range, warmupMs, repair } = wanted;
  const span = { from: range.from - warmupMs, to: range.to };
  const { bars, badPrints } = repair ? repairBars(read, span, repair) : { bars: read };
  if (!wanted.mortal && (bars.length === 0 || bars.time[bars.length - 1] < range.from)) {
    throw new RalphError(
      `no bars of ${symbol} from ${isoDay(range.from)} to ${isoDay(range.to)} (${wanted.role} window)`,
      {
        remedy: `Ingest them (npm run ralph -- data ingest … --symbol ${symbol}), see what is there (data list), or change config/windows.yaml.`,
      },
    );
  }
  failpoint('market.snapshot.before');
  const header = writeWindowFile(path, bars, { symbol, range, warmupMs, provenance, badPrints, interval, funding });
  failpoint('market.snapshot.after');
  if (badPrints && badPrints.prints.length > 0) say(`${symbol} ${wanted.role}: ${repairsLine(badPrints)}`);
  return header;
}

/** What is read for a window: with a rule, also the neighbours that judge its first and last minutes. */
function spanOf({ range, warmupMs, repair }: Wanted): Range {
  const margin = repair ? repair.minutes * MINUTE : 0;
  return { from: range.from - warmupMs - margin, to: range.to + margin };
}

/** All bars of a symbol with from <= time < to, read in one snapshot of the database. */
export async function readBars(db: Database, query: { symbol: string; from: number; to: number }): Promise<Bars> {
  const select = (range: Range) =>
    db.source ? db.source.rows(query.symbol, range) : selectBars({ ...query, ...range });
  const bars = await withClient(db, async (client) => {
    // one snapshot: an ingest that ends between two slices must not be half in the window
    await beginWork(client, 'isolation level repeatable read read only');
    const counted = await client.query<{ n: string }>(`select count(*) as n from (${select(query)}) bars`);
    const length = Number(counted.rows[0].n);
    const columns = Array.from({ length: 6 }, () => new Float64Array(length));
    const slice = db.kind === 'embedded' ? SLICE : query.to - query.from;
    let row = 0;
    for (let from = query.from; from < query.to; from += slice) {
      row = await copyBarsOut(client, select({ from, to: Math.min(query.to, from + slice) }), columns, row);
    }
    await client.query('commit');
    if (row !== length) throw new Error(`read ${row} bars of ${query.symbol}, expected ${length}`);
    return barsOf(columns);
  });
  return db.source ? db.source.checked(query.symbol, bars) : bars;
}
