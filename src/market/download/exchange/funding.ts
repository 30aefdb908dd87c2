import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../../base/files.ts';
import { sha256 } from '../../../base/hash.ts';
import { HOUR, type Range } from '../../bars.ts';
import type { Connection } from './connect.ts';
import type { Traded } from './markets.ts';
import { OddAnswer } from './venues.ts';

export interface FundingReport {
  readonly file: string;
  /** Rates in the file, and those that came in now. */
  readonly rates: number;
  readonly downloaded: number;
  /** Epoch ms of the first and the last; null when there is none. */
  readonly first: number | null;
  readonly last: number | null;
  readonly sha256: string;
}

const HEADER = 'time,funding_rate\n';
/** Most perpetuals pay every 8 hours. */
const USUAL = 8 * HOUR;

type Rate = readonly [time: number, rate: number];

/** Brings the funding rates of a perpetual behind those that its file holds already. What an exchange no longer has stays away: it is said how far back it goes. */
export async function downloadFunding(
  { ask }: Connection,
  { symbol }: Traded,
  page: number,
  { path, from, to }: Range & { path: string },
): Promise<FundingReport> {
  const known = readFunding(path);
  const rates = new Map(known);
  const begin = Math.max(from, (known.at(-1)?.[0] ?? -1) + 1);
  const asked = (at: number, end: number) =>
    ask(async (exchange) => {
      const last = exchange.id === 'okx' ? { after: end } : { until: end - 1 };
      const rows = await exchange.fetchFundingRateHistory(symbol, at, page, last);
      return inOrder(rows, at, end);
    });
  // A page that begins late may have lost its beginning to a smaller limit: that part is asked for again.
  const wholePage = async (at: number, end: number): Promise<Rate[]> => {
    const found = await asked(at, end);
    if (found.length === 0 || found[0][0] === at) return found;
    return [...(await wholePage(at, found[0][0])), ...found];
  };
  for (let at = begin; at < to; at += page * USUAL)
    for (const [time, rate] of await wholePage(at, Math.min(to, at + page * USUAL))) rates.set(time, rate);
  const all = [...rates].sort(([a], [b]) => a - b);
  const text = HEADER + all.map((row) => `${row.join()}\n`).join('');
  if (all.length > known.length) writeFileAtomic(path, text);
  return {
    file: path,
    rates: all.length,
    downloaded: all.length - known.length,
    first: all[0]?.[0] ?? null,
    last: all.at(-1)?.[0] ?? null,
    sha256: sha256(text),
  };
}

function inOrder(rows: readonly { timestamp?: number; fundingRate?: number }[], from: number, to: number): Rate[] {
  const rates = new Map<number, number>();
  for (const { timestamp: time = Number.NaN, fundingRate: rate = Number.NaN } of rows) {
    if (!Number.isFinite(time + rate)) throw new OddAnswer('a funding rate without its numbers');
    if (time < from || time >= to) continue;
    if (rates.has(time) && rates.get(time) !== rate)
      throw new OddAnswer(`two funding rates at ${new Date(time).toISOString()}`);
    rates.set(time, rate);
  }
  return [...rates].sort(([a], [b]) => a - b);
}

function readFunding(path: string): [number, number][] {
  if (!existsSync(path)) return [];
  const [, ...lines] = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => line.split(',').map(Number) as [number, number]);
}
