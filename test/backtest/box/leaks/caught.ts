import type { Leak } from './case.ts';

/** Runs over the whole series first and keeps it; a second pass knows what comes. */
const STASH =
  'const seen: number[] = []; const first = scan(0, (_: number, x: number) => { seen.push(x); return x; })(close);';
const second = (step: string) =>
  `${STASH} let i = -1; const peek = scan(0, (_: number, x: number) => { i += 1; ${step} })(close); return { first, peek };`;
const FOLLOW =
  'if (now.peek > 0 && now.position <= 0) now.target(1); else if (now.peek < 0 && now.position > 0) now.flat();';

/** Those that work, and that the audit finds. */
export const CAUGHT: readonly Leak[] = [
  {
    name: 'a scan reads the next bar from what another scan kept',
    indicators: second('return (seen[i + 1] ?? x) - x;'),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'the same, ten bars ahead',
    indicators: second('return (seen[i + 10] ?? x) - x;'),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'the same, a week ahead',
    indicators: second('return (seen[i + 168] ?? x) - x;'),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'one scan used twice: the first pass for the second',
    indicators:
      'const seen: number[] = []; let pass = 0; let i = 0; const s = scan(0, (_: number, x: number) => { if (pass === 0) { seen.push(x); return 0; } i += 1; return (seen[i] ?? x) - x; }); s(close); pass = 1; return { peek: s(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a rolling window that keeps what it was shown',
    indicators:
      'const seen: number[] = []; rolling(1, (w: number[]) => { seen.push(w[0]); return 0; })(close); let i = 0; return { peek: map((x: number) => { i += 1; return (seen[i] ?? x) - x; })(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a higher timeframe kept and read a bar ahead',
    indicators:
      "const days: number[] = []; const d = bars.tf('1d', (b: any) => scan(0, (_: number, x: number) => { days.push(x); return x; })(b.close)); let k = -1; let last = NaN; const peek = map((x: number, y: number) => { if (y !== last && y === y) { k += 1; last = y; } return (days[k + 1] ?? x) - x; })(close, d); return { d, peek };",
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a threshold fitted on the whole series',
    indicators:
      'let top = 0; let low = 1e9; const f = scan(0, (_: number, x: number) => { top = Math.max(top, x); low = Math.min(low, x); return x; })(close); return { f, peek: map((x: number) => (top + low) / 2 - x)(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a mean fitted on the whole series',
    indicators:
      'let sum = 0; let n = 0; map((x: number) => { sum += x; n += 1; return x; })(close); return { peek: map((x: number) => sum / n - x)(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a slope fitted on the whole series',
    indicators:
      'const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(close); let i = 0; return { peek: map((x: number) => { i += 1; return seen[0] + ((seen[seen.length - 1] - seen[0]) * i) / seen.length - x; })(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'ranks over the whole series',
    indicators:
      'const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(close); seen.sort((a, b) => a - b); return { peek: map((x: number) => seen[Math.floor(seen.length / 2)] - x)(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'the number of bars to come',
    indicators:
      'let n = 0; map((x: number) => { n += 1; return x; })(close); let i = 0; return { peek: map(() => { i += 1; return n - i < 100 ? -1 : 1; })(close) };',
    decide: `${FOLLOW} if (now.peek > 0 && now.close < now.open) now.flat();`,
    end: 'leak',
  },
  {
    name: 'a veto: honest entries, left out when they would lose',
    indicators: second('return (seen[i + 5] ?? x) - x;'),
    decide:
      'if (now.position <= 0 && now.close > now.open && now.peek > 0) now.target(1); else if (now.close < now.open) now.flat();',
    end: 'leak',
  },
  {
    name: 'the stop alone is set by what comes',
    indicators: second('return Math.min(x, ...seen.slice(i + 1, i + 6));'),
    decide:
      'if (now.position <= 0 && now.close > now.open) now.target(1, { stop: now.peek * 0.999 }); else if (now.close < now.open) now.flat();',
    end: 'leak',
  },
  {
    name: 'the size alone is set by what comes',
    indicators: second('return (seen[i + 1] ?? x) > x ? 1 : 0.5;'),
    decide:
      'if (now.position <= 0 && now.close > now.open) now.target(now.peek); else if (now.close < now.open) now.flat();',
    end: 'leak',
  },
  {
    name: 'a leak used on one bar in two hundred',
    indicators: second('return i % 200 === 7 ? (seen[i + 3] ?? x) - x : 0;'),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a leak that waits until most of the window is over',
    indicators: second('return i > 700 ? (seen[i + 1] ?? x) - x : 0;'),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a leak only where the series is long',
    indicators: second('return seen.length > 900 ? (seen[i + 1] ?? x) - x : (x - seen[Math.max(0, i - 1)]);'),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'the future of the other symbol',
    top: 'const other: number[][] = [];',
    indicators:
      'const mine: number[] = []; other.push(mine); map((x: number) => { mine.push(x); return x; })(close); let i = 0; return { peek: map((x: number) => { i += 1; const o = other[0]; return o === mine ? 0 : (o[i + 1] ?? 0) - (o[i] ?? 0); })(close) };',
    decide: FOLLOW,
    end: 'leak',
    symbols: 2,
  },
  {
    name: 'a volume that has not traded yet',
    indicators:
      'const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(bars.volume); let i = 0; return { peek: map((x: number) => { i += 1; return (seen[i] ?? x) - x; })(bars.volume) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'the time of the bar after a gap',
    indicators:
      'const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(bars.time); let i = 0; return { peek: map((x: number) => { i += 1; const next = seen[i + 20]; return next === undefined ? -1 : 1; })(bars.time) };',
    decide: `${FOLLOW} if (now.close < now.open && now.peek > 0) now.flat();`,
    end: 'leak',
  },
  {
    name: 'a leak in one decision of a hundred, honest in all others',
    indicators: second(
      'const honest = x - (seen[Math.max(0, i - 3)] ?? x); return i % 97 === 5 ? (seen[i + 1] ?? x) - x : honest;',
    ),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a leak on a single bar',
    indicators: second(
      'const honest = x - (seen[Math.max(0, i - 3)] ?? x); return i === 611 ? (seen[i + 1] ?? x) - x : honest;',
    ),
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a number taken between two indicators',
    indicators:
      'const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(close); const last = seen[seen.length - 1] ?? 0; return { peek: map((x: number) => last - x)(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'another indicator when the last close lies in a range',
    indicators:
      'let last = 0; map((x: number) => { last = x; return x; })(close); return { peek: last > 100 && last < 500 ? map((x: number) => x - 500)(close) : map((x: number) => 500 - x)(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a length of a moving average chosen by what comes',
    indicators:
      'let n = 0; map((x: number) => { if (x > 500) n += 1; return x; })(close); const a = ema(close, 2 + (n % 50)); return { peek: map((x: number, y: number) => x - y)(close, a) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a failure when what comes is not yet known',
    indicators:
      "const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(close); if (seen.length === 0) throw new Error('nothing'); return { peek: map((x: number) => (seen[9] ?? 0) - x)(close) };",
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a static property of a class of the file',
    top: 'class Kept { static seen: number[] = []; }',
    indicators:
      'Kept.seen.length = 0; map((x: number) => { Kept.seen.push(x); return x; })(close); let i = 0; return { peek: map((x: number) => { i += 1; return (Kept.seen[i] ?? x) - x; })(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a weak map that hangs the series on the bars',
    top: 'const kept = new WeakMap<object, number[]>();',
    indicators:
      'const a: number[] = []; kept.set(bars, a); map((x: number) => { a.push(x); return x; })(close); let i = 0; return { peek: map((x: number) => { i += 1; return (kept.get(bars)![i] ?? x) - x; })(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a generator that runs a bar ahead',
    indicators:
      'const seen: number[] = []; const ahead = (function* () { let i = 0; for (;;) { i += 1; yield seen[i]; } })(); map((x: number) => { seen.push(x); return x; })(close); return { peek: map((x: number) => ((ahead.next().value as number | undefined) ?? x) - x)(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a text that is parsed when all of it is there',
    indicators:
      'let text = "["; map((x: number) => { text += x + ","; return x; })(close); let all: number[] | undefined; let i = 0; return { peek: map((x: number) => { all ??= JSON.parse(text + "0]"); i += 1; return (all![i] ?? x) - x; })(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'where a regular expression stands',
    indicators:
      'const r = /x/g; map((x: number) => { if (x > 500) r.test("x".repeat(2000)); return x; })(close); return { peek: map((x: number, y: number) => x - y)(close, ema(close, 2 + (r.lastIndex % 40))) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'getters that compute one indicator before the other',
    indicators:
      'const seen: number[] = []; let i = 0; return { get a() { return map((x: number) => { seen.push(x); return x; })(close); }, get peek() { return map((x: number) => { i += 1; return (seen[i] ?? x) - x; })(close); } };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'a value that becomes a number when it is stored',
    indicators:
      'const seen: number[] = []; map((x: number) => { seen.push(x); return x; })(close); let i = 0; return { peek: scan(0 as any, (_: any, x: number) => { i += 1; const k = i; return { [Symbol.toPrimitive]: () => (seen[k] ?? x) - x } as any; })(close) };',
    decide: FOLLOW,
    end: 'leak',
  },
  {
    name: 'minutes kept for hours',
    indicators:
      "const m: number[] = []; bars.tf('1m', (b: any) => map((x: number) => { m.push(x); return x; })(b.close)); let i = 0; return { peek: map((x: number) => { i += 60; return (m[i + 60] ?? x) - x; })(close) };",
    decide: FOLLOW,
    end: 'leak',
  },
];
