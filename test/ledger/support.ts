import { sha256 } from '../../src/base/hash.ts';
import { gaussian, seededRandom } from '../../src/base/random.ts';
import type { EntryOf } from '../../src/ledger/entries.ts';
import { settingOf } from '../../src/ledger/series.ts';
import { DAY } from '../../src/market/bars.ts';

const DAY_0 = Date.UTC(2020, 0, 1);

/** A series entry from given daily returns. */
export function series(symbol: string, returns: readonly number[], firstDay = 0): EntryOf<'series'> {
  const from = DAY_0 + firstDay * DAY;
  const text = Buffer.from(Float32Array.from(returns).buffer).toString('base64');
  return { type: 'series', series: sha256(`${symbol}${from}${text}`).slice(0, 16), symbol, from, returns: text };
}

/** Daily returns of pure noise. */
export function noise(seed: string, days = 400): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: days }, () => 0.03 * gaussian(random));
}

/** Windows by days from DAY_0: train, one selection fold, holdout. */
export function setting(names: readonly string[], [a, b, c, d, e, f] = [0, 200, 201, 300, 301, 400]) {
  const range = (from: number, to: number) => ({ from: DAY_0 + from * DAY, to: DAY_0 + to * DAY });
  return settingOf(names, { train: range(a, b), selection: [range(c, d)], holdout: range(e, f) });
}

export function trial(run: string, id: string, { setting }: EntryOf<'setting'>, tag = run): EntryOf<'trial'> {
  return { type: 'trial', run, tag, trial: id, setting, fingerprint: id, journal: { seq: 1, hash: 'h' } };
}

export function look(run: string, id: string, { setting }: EntryOf<'setting'>, tag = run): EntryOf<'look'> {
  return { type: 'look', run, tag, trial: id, setting };
}
