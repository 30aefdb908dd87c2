/** A range reaches from this part of a number to as many times it. */
const SPREAD = 2;

/** Parameters that a candidate may leave to the tuner. */
const MOST = 8;

/** The plain numbers of `params` as ranges around them: of a small model the mechanism is worth more than the decimals. Ranges that stand there stay. */
export function withRanges(source: string): string {
  return source.replace(/(?<![\w.])(params:\s*\{)([^{}]*)\}/, (whole, head: string, list: string) => {
    if (/\b(?:range|choice)\(/.test(list)) return whole;
    let left = MOST;
    return `${head}${list.replaceAll(
      /(\w+:\s*)(-?\d+(?:\.\d+)?)(?=\s*(?:,|$))/g,
      (entry, name: string, value: string) => (left-- > 0 ? `${name}${rangeAround(Number(value))}` : entry),
    )}}`;
  });
}

/** A range from half of a number to twice it; 0 is a switch and stays. */
export function rangeAround(value: number): string {
  if (value === 0) return '0';
  const whole = Number.isInteger(value);
  const [from, to] = [value / SPREAD, value * SPREAD].sort((a, b) => a - b).map((end) => tidy(end, whole));
  return from === to ? `range(${from}, ${to + 1})` : `range(${from}, ${to})`;
}

/** An end of a range: whole where the number was, and then not below 1 where it is above 0. */
export function tidy(value: number, whole: boolean): number {
  if (!whole) return Number(value.toPrecision(3));
  return value > 0 ? Math.max(1, Math.round(value)) : Math.round(value);
}
