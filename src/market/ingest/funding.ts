import { RalphError } from '../../base/errors.ts';
import { MINUTE } from '../bars.ts';
import { checkedRates } from '../funding-rates.ts';
import type { FundingRates } from '../window-header.ts';
import { splitLine } from './format/row.ts';
import { parseTime } from './format/times.ts';
import { openSource } from './source.ts';

const TIME = /^(time|timestamp|date|datetime|calc_?time|funding_?time|funding_?rate_?timestamp)$/i;
const RATE = /^(last_?)?(funding|realized)_?rate$/i;

/** The funding rates of a file with a header that names them, such as `time,funding_rate`; null for any other file. Throws RalphError for rates that can be none, and for a header alone. */
export async function readFundingFile(path: string): Promise<FundingRates | null> {
  let columns: { time: number; rate: number; separator: string } | null = null;
  const rates: [number, number][] = [];
  for await (const list of (await openSource(path)).rows) {
    for (const raw of list) {
      if (columns === null) {
        columns = columnsOf(typeof raw === 'string' ? raw : raw.join());
        if (columns === null) return null;
        continue;
      }
      if (typeof raw === 'string' && raw.trim() === '') continue;
      const fields = typeof raw === 'string' ? splitLine(raw, columns.separator) : raw;
      // Exchanges note the payment a few ms late.
      const time = Math.floor(parseTime(fields[columns.time] ?? '', { unit: 'auto' }) / MINUTE) * MINUTE;
      const rate = Number(fields[columns.rate] || Number.NaN);
      if (!Number.isFinite(time + rate)) throw wrong(path, `"${String(raw).slice(0, 80)}" is no time and rate`);
      rates.push([time, rate]);
    }
  }
  // A file without a line is refused as a file of bars.
  if (columns === null) return null;
  if (rates.length === 0)
    throw new RalphError(`${path} holds no funding rates, only their header`, { remedy: 'Fetch the file again.' });
  return checkedRates(rates, (what) => wrong(path, what));
}

function columnsOf(header: string): { time: number; rate: number; separator: string } | null {
  const separator = header.includes(';') ? ';' : ',';
  const names = splitLine(header.replace(/^\uFEFF/, ''), separator).map((name) => name.trim());
  const [time, rate] = [names.findIndex((name) => TIME.test(name)), names.findIndex((name) => RATE.test(name))];
  return time === -1 || rate === -1 ? null : { time, rate, separator };
}

function wrong(path: string, what: string): RalphError {
  return new RalphError(`${path}: ${what}`, {
    remedy:
      'Give one rate a time as a fraction of the position (0.0001 is one basis point). Nothing of the file was taken in.',
  });
}
