/** Custom indicators that owe nothing to the future, in every way in which they may be written: `indicators` by name. */
export const HONEST: Readonly<Record<string, string>> = {
  'a scan with a number': 'return { peek: scan(0, (s: number, x: number) => 0.9 * s + 0.1 * x)(close) };',
  'a scan with a record':
    'return { peek: scan({ up: 0, down: 0 }, (s: any, o: number, c: number) => ({ up: s.up * 0.9 + Math.max(0, c - o), down: s.down * 0.9 + Math.max(0, o - c) }), (s: any) => s.up - s.down)(bars.open, close) };',
  'a scan whose output is no number':
    'return { peek: scan(0, (_: number, x: number) => x, ((s: number) => s > 500) as any)(close) };',
  'a scan with a list of its own':
    'return { peek: scan([] as number[], (s: number[], x: number) => [...s, x].slice(-5), (s: number[]) => s[s.length - 1] - s[0])(close) };',
  'a closure that remembers the bar before':
    'let before = NaN; return { peek: map((x: number) => { const d = x - before; before = x; return d; })(close) };',
  'a closure that counts':
    'let i = 0; return { peek: map((x: number) => { i += 1; return i % 24 < 12 ? 1 : -1; })(close) };',
  'a rolling window':
    'return { peek: rolling(20, (w: number[]) => w[19] - w.reduce((a, b) => a + b, 0) / 20)(close) };',
  'a rolling window of two series':
    'return { peek: rolling(5, (a: number[], b: number[]) => a[4] - b[0])(close, bars.open) };',
  'a rolling window without a number': 'return { peek: rolling(5, (() => undefined) as any)(close) };',
  'one indicator used for two series':
    'const d = scan(0, (s: number, x: number) => 0.5 * s + x); return { a: d(close), peek: map((x: number, y: number) => x - y)(d(close), d(bars.open)) };',
  'customs over built-ins over customs':
    'const a = map((x: number) => Math.log(x))(close); const b = ema(a, 20); return { peek: map((x: number, y: number) => x - y)(a, b) };',
  'a higher timeframe':
    "const day = bars.tf('1d', (b: any) => scan(0, (s: number, x: number) => 0.8 * s + 0.2 * x)(b.close)); return { day, peek: map((x: number, d: number) => x - d)(close, day) };",
  'two higher timeframes':
    "const d = bars.tf('1d', (b: any) => map((x: number) => x)(b.close)); const f = bars.tf('4h', (b: any) => rolling(3, (w: number[]) => w[2] - w[0])(b.close)); return { d, peek: map((x: number, y: number) => x + 0 * y)(f, d) };",
  'values that are no numbers': 'return { peek: map((x: number) => (x > 500 ? NaN : -0))(close) };',
};
