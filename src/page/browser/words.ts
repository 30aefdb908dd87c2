import { duration, number } from '../../base/numbers.ts';

/** A time as the reader's clock shows it, with the day when it is another one. */
export function clock(at: number): string {
  const date = new Date(at);
  const sameDay = date.toDateString() === new Date().toDateString();
  const day = sameDay ? '' : `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })} `;
  return `${day}${date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}`;
}

/** How long ago by the harness's clock, which may differ from ours. */
export function ago(at: number, now: number): string {
  return duration(Math.max(0, now - at));
}

export function maybe(value: number | null | undefined, digits?: number): string {
  if (value == null) return '–';
  return digits === undefined ? number(value) : value.toFixed(digits);
}

export function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

/** A large count in few letters: 1.2 M. */
export function large(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value >= 10_000 ? `${(value / 1e3).toFixed(0)} k` : number(value);
}
