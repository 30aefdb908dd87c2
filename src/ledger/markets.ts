import { DAY, type Range } from '../market/bars.ts';
import type { EntryOf } from './entries.ts';
import { lagOf } from './same.ts';
import { decodeSeries, type Series } from './series.ts';

/** Where a series belongs: its market, named by the first series of it, and how much later it says what that one says, in ms. */
interface Place {
  readonly market: string;
  readonly late: number;
}

/** Which series are one market, whatever they are called and however far their times were moved. */
export class Markets {
  readonly #series = new Map<string, Series>();
  readonly #places = new Map<string, Place>();

  /** A new series joins every market that it is the same data as; two that it connects become one. */
  meet(entry: EntryOf<'series'>): void {
    const met = decodeSeries(entry);
    /** How late the new one is in each market that it is of. */
    const lates = new Map<string, number>();
    for (const [name, known] of this.#series) {
      const { market, late } = this.#places.get(name)!;
      if (lates.has(market)) continue;
      const lag = lagOf(known, met);
      if (lag !== null) lates.set(market, late + lag);
    }
    const [[market, late] = [entry.series, 0]] = lates;
    for (const [name, { market: its, late: was }] of this.#places)
      if (lates.has(its)) this.#places.set(name, { market, late: was + late - lates.get(its)! });
    this.#series.set(entry.series, met);
    this.#places.set(entry.series, { market, late });
  }

  /** The markets of some series. */
  of(series: readonly string[]): Set<string> {
    return new Set(series.map((name) => this.#places.get(name)?.market ?? name));
  }

  /** The names of a symbol's series. */
  named(symbol: string): string[] {
    return [...this.#series].flatMap(([name, each]) => (each.symbol === symbol ? [name] : []));
  }

  /** The series of each market, in the order in which they were met. */
  all(): [market: string, series: Series[]][] {
    const markets = Map.groupBy(this.#series.keys(), (name) => this.#places.get(name)!.market);
    return [...markets].map(([market, names]) => [market, names.map((name) => this.#series.get(name)!)]);
  }

  /**
   * Dates of series `from` in the calendar of series `to`: one for each distance in whole days that lies between two of them that are one market;
   * none where no market is common.
   */
  moved(dates: Range, from: readonly string[], to: readonly string[]): Range[] {
    const shifts = new Set<number>();
    for (const one of from)
      for (const other of to) {
        const [a, b] = [this.#places.get(one), this.#places.get(other)];
        if (a && a.market === b?.market) shifts.add(Math.round((b.late - a.late) / DAY) * DAY);
      }
    return [...shifts].map((shift) => ({ from: dates.from + shift, to: dates.to + shift }));
  }
}
