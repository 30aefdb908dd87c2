import { textAt, writeFileAtomic } from '../../../base/files.ts';
import { sha256 } from '../../../base/hash.ts';
import { HOUR, type Range } from '../../bars.ts';
import { orderedRates, type Rate } from '../../funding-rates.ts';
import type { Connection } from './connect.ts';
import type { Traded } from './markets.ts';
import { wholePage } from './pages.ts';
import { OddAnswer } from './venues.ts';

const HEADER = 'time,funding_rate\n';
/** Most perpetuals pay every 8 hours. */
const USUAL = 8 * HOUR;

/** Brings the funding rates of a perpetual behind those that its file holds already. What an exchange no longer has stays away: it is said how far back it goes. */
export async function downloadFunding(
  { ask }: Connection,
  { symbol }: Traded,
  page: number,
  { path, from, to }: Range & { path: string },
) {
  const known = readFunding(path);
  const rates = new Map(known);
  const begin = Math.max(from, (known.at(-1)?.[0] ?? -1) + 1);
  const asked = (at: number, end: number) =>
    ask(async (exchange) => {
      const last = exchange.id === 'okx' ? { after: end } : { until: end - 1 };
      const rows = await exchange.fetchFundingRateHistory(symbol, at, page, last);
      return inOrder(rows, at, end);
    });
  for (let at = begin; at < to; at += page * USUAL)
    for (const [time, rate] of await wholePage(asked, at, Math.min(to, at + page * USUAL))) rates.set(time, rate);
  const all = [...rates].sort(([a], [b]) => a - b);
  const text = HEADER + all.map((row) => `${row.join()}\n`).join('');
  if (all.length > known.length) writeFileAtomic(path, text);
  return {
    file: path,
    /** Rates in the file, and those that came in now. */
    rates: all.length,
    downloaded: all.length - known.length,
    /** Epoch ms of the first and the last; null when there is none. */
    first: all[0]?.[0] ?? null,
    last: all.at(-1)?.[0] ?? null,
    sha256: sha256(text),
  };
}

function inOrder(rows: readonly { timestamp?: number; fundingRate?: number }[], from: number, to: number): Rate[] {
  const given = rows.map(({ timestamp = Number.NaN, fundingRate = Number.NaN }) => [timestamp, fundingRate] as const);
  return orderedRates(given, (what) => new OddAnswer(what)).filter(([time]) => time >= from && time < to);
}

function readFunding(path: string): [number, number][] {
  const [, ...lines] = (textAt(path) ?? '').split('\n').slice(0, -1);
  return lines.map((line) => line.split(',').map(Number) as [number, number]);
}
