import type { Leak } from './case.ts';

const FOLLOW = 'if (now.peek > 0) now.target(1);';

/** Those that end before they see anything. */
export const REFUSED: readonly Leak[] = [
  {
    name: 'now kept and read by a job after the end',
    top: 'let stash = 0;',
    decide:
      'Promise.resolve().then(() => { stash = now.close; }); if (stash > now.close) now.target(1); else now.flat();',
    end: 'refused',
  },
  {
    name: 'a global variable',
    decide: '(globalThis as any).stash ??= []; (globalThis as any).stash.push(now.close);',
    end: 'refused',
  },
  {
    name: 'an import of the engine',
    top: "import { valuesOf } from '../../src/strategy/series.ts';",
    decide: 'valuesOf;',
    end: 'refused',
  },
  {
    name: 'an import of what the API keeps to itself',
    top: "import { valuesOf } from 'ralph/strategy';",
    decide: 'valuesOf;',
    end: 'refused',
  },
  { name: 'a series read by index', indicators: 'return { peek: close[5] };', decide: FOLLOW, end: 'throw' },
  {
    name: 'a series spread into an array',
    indicators: 'const seen = [...close]; return { peek: map((x: number) => seen[3] - x)(close) };',
    decide: FOLLOW,
    end: 'throw',
  },
  {
    name: "a series' private field by another name",
    indicators:
      "const values = close.values ?? close['#values'] ?? close._values; return { peek: map((x: number) => values[3] - x)(close) };",
    decide: FOLLOW,
    end: 'throw',
  },
  { name: 'a minus in ago', decide: "if (now.ago('close', -1) > now.close) now.target(1);", end: 'throw' },
  { name: 'a minus in a lag', indicators: 'return { peek: ema(close, -5) };', decide: FOLLOW, end: 'throw' },
  { name: 'a period that is no number', indicators: 'return { peek: sma(close, NaN) };', decide: FOLLOW, end: 'throw' },
  {
    name: 'a series of another length',
    indicators: "return { peek: bars.tf('1d', () => close) };",
    decide: FOLLOW,
    end: 'throw',
  },
  {
    name: 'a daily series without its alignment',
    indicators: "let kept: any; bars.tf('1d', (b: any) => { kept = b.close; return b.close; }); return { peek: kept };",
    decide: FOLLOW,
    end: 'throw',
  },
  { name: 'a warm-up below zero', warmup: '() => -100', decide: 'now.target(1);', end: 'throw' },
  { name: 'a warm-up that is no number', warmup: '() => NaN', decide: 'now.target(1);', end: 'throw' },
  {
    name: 'the prototype of arrays as a place to keep things',
    indicators: '(Array.prototype as any).stash = []; return {};',
    decide: 'now.flat();',
    end: 'throw',
  },
  {
    name: 'a function of the API as a place to keep things',
    indicators: '(ema as any).stash = []; return {};',
    decide: 'now.flat();',
    end: 'throw',
  },
  {
    name: 'the class of series as a place to keep things',
    indicators: '(close.constructor as any).stash = []; return {};',
    decide: 'now.flat();',
    end: 'throw',
  },
  {
    name: 'bars.tf as a place to keep things',
    indicators: '(bars.tf as any).stash = []; return {};',
    decide: 'now.flat();',
    end: 'throw',
  },
  {
    name: 'the parameters as a place to keep things',
    indicators: '(p as any).stash = []; return {};',
    decide: 'now.flat();',
    end: 'throw',
  },
  { name: 'now as a place to keep things', decide: 'now.stash = now.close;', end: 'throw' },
  {
    name: 'how far a callback came before it failed',
    indicators:
      'let k = 0; let up = false; try { map((x: number) => { k += 1; if (k === 300) { up = x > 500; throw new Error("far enough"); } return x; })(close); } catch {} return { peek: up ? sma(close, 5) : ema(close, 9) };',
    decide: FOLLOW,
    end: 'throw',
  },
  {
    name: 'a number from the message of a failure',
    indicators:
      'let last = 0; try { scan(0, (s: number, x: number) => { if (s > 900) throw new Error(String(x)); return s + 1; })(close); } catch (e: any) { last = Number(e.message); } return { peek: last > 500 ? sma(close, 5) : ema(close, 9) };',
    decide: FOLLOW,
    end: 'throw',
  },
  {
    name: 'a scan inside the callback of a map, where it would run over all bars',
    indicators:
      'let called = false; const seen: number[] = []; let i = 0; const ahead = (x: number) => { if (!called) { called = true; scan(0, (_: number, y: number) => { seen.push(y); return y; })(close); } i += 1; return (seen[i] ?? x) - x; }; let armed = true; const one = map((x: number) => (armed ? ahead(x) : x))(close); if (called) return { peek: one }; armed = false; return { peek: map(ahead)(close) };',
    decide: FOLLOW,
    end: 'throw',
  },
  {
    name: 'the number of bars from the message of an indicator',
    indicators:
      "let n = 0; try { correlation(close, ((): any => { let day: any; bars.tf('1d', (b: any) => { day = b.close; return day; }); return day; })(), 5); } catch (e: any) { n = Number(/[0-9]+/.exec(e.message)?.[0] ?? NaN); } return { peek: sma(close, n) };",
    decide: FOLLOW,
    end: 'throw',
  },
];
