/** Days after which the evidence of a day counts half in the scale of the next one. */
const HALF_LIFE = 30;
const FADE = 1 - 0.5 ** (1 / HALF_LIFE);

const LOOKS_A_YEAR = 365;
/** Largest chance of a false alarm in a year of daily looks. */
const FALSE_ALARM = 0.05;
/** Evidence at which a change detector gives alarm: days that pass in the mean until a false one (Shin, Ramdas & Rinaldo 2023). */
export const ALARM = LOOKS_A_YEAR / FALSE_ALARM;
/** Evidence at which an edge counts as seen: without one it is reached with a chance of at most 5%, however long one looks (Ville 1939). */
export const SEEN = 1 / FALSE_ALARM;

/** Expected square of the next value, from those before it: exponential weights (RiskMetrics 1996). */
export function nextVariance(variance: number, value: number): number {
  return variance + FADE * (value * value - variance);
}

/**
 * Evidence of one day that the mean of a standardised value lies below `least`: exp(s - s^2 / 2) with s = bet (least - value), held to -1..1,
 * so that no single day decides. Its mean is at most 1 for every value that is conditionally symmetric about `least` or more, bounded or not
 * and whatever its variance (de la Peña 1999): it normalises itself. A negative bet looks for a mean above `least`.
 */
function evidenceOfDay(value: number, least: number, bet: number): number {
  const surprise = Math.max(-1, Math.min(1, bet * (least - value)));
  return Math.exp(surprise - (surprise * surprise) / 2);
}

/**
 * Sequential change detector for "the mean of these standardised daily values is at least `least`", a daily Sharpe ratio above 0: an
 * e-detector (Shin, Ramdas & Rinaldo 2023) of the Shiryaev-Roberts kind, the sum of an e-process begun on each day, so that a late stop is
 * seen as soon as an early one. While the mean is at least `least`, the sum is at most n in the mean after n days, so that an alarm at ALARM
 * comes in the first year with a chance of at most 5%, and once in 20 years or less often. The bet is the one that grows fastest when the
 * mean has fallen to 0. Answers the evidence after a day whose value came, in standard deviations expected before it; it begins with 0.
 */
export function changeAfter(evidence: number, value: number, least: number): number {
  return (evidence + 1) * evidenceOfDay(value, least, least);
}

/** Evidence that a mean is above 0, for an edge of the size `promised` (a daily Sharpe ratio): an e-process, looked at every day. It begins with 1. */
export function sightingAfter(evidence: number, value: number, promised: number): number {
  return evidence * evidenceOfDay(value, 0, -promised);
}

/** Days after which an edge of this daily Sharpe ratio is expected to have been seen: log 20 over the growth a day (Wald 1945). */
export function daysToSee(promised: number): number {
  return promised > 0 ? Math.ceil(Math.log(SEEN) / ((promised * promised) / 2)) : Number.POSITIVE_INFINITY;
}
