/** A strategy that is honest and unusual: it must be taken, pass the audit and give the same numbers twice. */
export interface Odd {
  readonly name: string;
  readonly top?: string;
  readonly indicators?: string;
  readonly decide: string;
  readonly symbols?: 2;
}

const FOLLOW =
  'if (now.x > 0 && now.position <= 0) now.target(1, { stop: now.close * 0.95 }); else if (now.x < 0 && now.position > 0) now.flat();';

export const ODD: readonly Odd[] = [
  {
    name: 'a class that remembers, in an indicator',
    top: 'class Smooth { value = NaN; step(x: number) { this.value = Number.isNaN(this.value) ? x : 0.9 * this.value + 0.1 * x; return x - this.value; } }',
    indicators: 'const s = new Smooth(); return { x: map((c: number) => s.step(c))(close) };',
    decide: FOLLOW,
  },
  {
    name: 'a ring of whole numbers',
    indicators:
      'const ring = new Int32Array(8); let i = 0; return { x: map((c: number) => { const old = ring[i & 7]; ring[i++ & 7] = Math.round(c * 100); return old === 0 ? 0 : Math.round(c * 100) - old; })(close) };',
    decide: FOLLOW,
  },
  {
    name: 'a count of its own losses',
    top: 'let losses = 0; let entry = 0;',
    indicators: 'return { x: map((a: number, b: number) => a - b)(ema(close, 5), ema(close, 20)) };',
    decide: `if (now.position === 0 && entry > 0) { losses = now.close < entry ? losses + 1 : 0; entry = 0; }
    if (losses < 3 && now.x > 0 && now.position === 0) { now.target(1, { trail: now.close * 0.02 }); entry = now.close; }
    else if (now.x < 0) now.flat();`,
  },
  {
    name: 'levels from a generator',
    top: 'function* levels(price: number) { for (let i = 1; i <= 3; i++) yield price * (1 - 0.01 * i); }',
    decide: `if (now.position === 0 && now.working === 0) for (const limit of levels(now.close)) now.order(0.3, { limit, bars: 5 });
    else if (now.barsHeld > 10) now.flat();`,
  },
  {
    name: 'an enumeration and a table of hours',
    top: 'enum Mode { Long = 1, Out = 0 } const HOURS: readonly number[] = [1, 5, 9, 13];',
    decide: `const mode = HOURS.includes(now.hour) ? Mode.Long : Mode.Out;
    if (mode === Mode.Long) now.target(1); else if (now.position > 0) now.flat();`,
  },
  {
    name: 'a failure that is expected',
    indicators: 'return { x: ema(close, 10) };',
    decide: `let before = NaN; try { before = now.ago('x', 5); } catch (error) { void error; }
    if (now.x > before) now.target(1); else now.flat();`,
  },
  {
    name: 'big integers, labels and sorting',
    decide: `const hour = Number(BigInt(now.hour) % 24n);
    const sorted = [0, 1, 2, 3, 4].map((n) => now.ago('close', n)).sort((a, b) => a - b);
    outer: for (const n of [1, 2, 3]) for (const m of [5, 10]) if (now.ago('close', n) > now.ago('close', m)) { if (hour > 3) now.target(0.5); break outer; }
    if (now.close < sorted[2]) now.flat();`,
  },
  {
    name: 'two symbols that know of each other what has been',
    top: 'const apart: Record<string, number> = {};',
    indicators: 'return { x: map((c: number, m: number) => c / m - 1)(close, ema(close, 20)) };',
    decide: `apart[now.symbol] = now.x; const other = Object.entries(apart).find(([symbol]) => symbol !== now.symbol)?.[1] ?? 0;
    if (now.x < other - 0.001) now.target(1); else if (now.x > other + 0.001) now.target(-1); else now.flat();`,
    symbols: 2,
  },
  {
    name: 'an indicator that knows the other symbol at the same moment',
    top: 'const closes = new Map<number, number>();',
    indicators:
      'let k = 0; let at = 0; return { x: map((t: number, c: number) => { const week = t < at ? ++k : k; at = t; const key = week * 1e9 + t; const other = closes.get(key); closes.set(key, c); return other === undefined ? 0 : c / other - 1; })(time, close) };',
    decide: FOLLOW,
    symbols: 2,
  },
];

export function oddSource({ top = '', indicators, decide }: Odd): string {
  return `import { defineStrategy, ema, map } from 'ralph/strategy';
void [ema, map];
${top}
export default defineStrategy({
  family: 'honest-odd', hypothesis: 'h', timeframe: '1h', seasonal: true, params: {}, warmup: 30,
  ${indicators ? `indicators: ({ close, time }) => { void [close, time]; ${indicators} },` : ''}
  decide(now) { ${decide} },
});
`;
}
