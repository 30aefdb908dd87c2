import { z } from 'zod';
import type { Range } from './bars.ts';
import { isTimezone } from './ingest/format/times.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as "09:30"');

/** Hours on some weekdays, in the zone of the market. */
const hoursSchema = z
  .strictObject({
    timezone: z.string().refine(isTimezone, 'expected a zone such as America/New_York'),
    days: z.array(z.enum(WEEKDAYS)).min(1).default(['mon', 'tue', 'wed', 'thu', 'fri']),
    open: clock,
    close: clock,
    holidays: z.array(z.iso.date()).default([]),
  })
  .refine(({ open, close }) => open < close, 'expected `open` before `close`, both on one day');

/** market.yaml `session`: when a market that closes is open. `fx` is Sunday 17:00 to Friday 17:00 in New York. */
export const sessionSchema = z.union([z.literal('fx'), hoursSchema]);
export type Session = z.output<typeof sessionSchema>;

/** Stretches of a range in which a market is open, epoch ms, in order. */
export function openStretches(session: Session, from: number, to: number): Range[] {
  const timezone = session === 'fx' ? 'America/New_York' : session.timezone;
  const zoned = (time: number) =>
    Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timezone).toPlainDate();
  const stretches: { from: number; to: number }[] = [];
  const last = zoned(to);
  for (let day = zoned(from); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    const hours = hoursOf(session, day.dayOfWeek, day.toString());
    if (!hours) continue;
    const [open, close] = hours.map((text) => momentOf(day, text, timezone));
    const [start, end] = [Math.max(from, open), Math.min(to, close)];
    if (start >= end) continue;
    const before = stretches.at(-1);
    if (before?.to === start) before.to = end;
    else stretches.push({ from: start, to: end });
  }
  return stretches;
}

/** What is left of stretches without a bar when the market's closed hours are taken out. All of them for a market that never closes. */
export function openHoles(session: Session | undefined, holes: readonly Range[]): Range[] {
  return session ? holes.flatMap(({ from, to }) => openStretches(session, from, to)) : [...holes];
}

function hoursOf(session: Session, weekday: number, date: string): readonly [string, string] | null {
  if (session === 'fx') {
    if (weekday === 6) return null;
    return weekday === 7 ? ['17:00', '24:00'] : weekday === 5 ? ['00:00', '17:00'] : ['00:00', '24:00'];
  }
  const open = session.days.includes(WEEKDAYS[weekday - 1]) && !session.holidays.includes(date);
  return open ? [session.open, session.close] : null;
}

function momentOf(day: Temporal.PlainDate, text: string, timezone: string): number {
  const date = text === '24:00' ? day.add({ days: 1 }) : day;
  return date.toZonedDateTime({ timeZone: timezone, plainTime: text === '24:00' ? '00:00' : text }).epochMilliseconds;
}
