import type { FundingRates } from './window-header.ts';

/** Rates are capped at 2% or less nearly everywhere, and the usual one is 0.0001. */
const HIGHEST = 0.1;
const HIGHEST_USUAL = 0.003;

/** A funding rate: epoch ms, and a fraction of the position. */
export type Rate = readonly [time: number, rate: number];

/** Rates in order, one a time. Throws what `refusal` makes of the reason, for what is no rate and for two at a time that differ. */
export function orderedRates(given: Iterable<Rate>, refusal: (what: string) => Error): Rate[] {
  const rates = new Map<number, number>();
  for (const [time, rate] of given) {
    if (!Number.isFinite(time + rate)) throw refusal(`"${time}, ${rate}" is no time and rate`);
    if (rates.has(time) && rates.get(time) !== rate)
      throw refusal(`two funding rates at ${new Date(time).toISOString()}`);
    rates.set(time, rate);
  }
  return [...rates].sort(([a], [b]) => a - b);
}

/** The same as columns. Throws for rates that can be none, too. */
export function checkedRates(given: Iterable<Rate>, refusal: (what: string) => Error): FundingRates {
  const rows = orderedRates(given, refusal);
  const sizes = rows.map(([, rate]) => Math.abs(rate)).sort((a, b) => a - b);
  const usual = sizes[sizes.length >> 1] ?? 0;
  if ((sizes.at(-1) ?? 0) > HIGHEST || usual > HIGHEST_USUAL)
    throw refusal(`funding rates such as ${usual} are too large: are they percent or basis points?`);
  return { time: rows.map(([time]) => time), rate: rows.map(([, rate]) => rate) };
}
