import type { Hostile } from './case.ts';

/** Forging results or the result channel. */
export const FORGE: readonly Hostile[] = [
  {
    name: 'decide returns a result',
    as: 'return;',
    inside: "return { ok: true, finalEquity: 1e12, equityFingerprint: '0'.repeat(64) };",
    end: 'harmless',
  },
  {
    name: 'decide throws something that looks like an answer',
    inside: 'throw { ok: true, value: [{ finalEquity: 1e12 }] };',
    end: 'throw',
  },
  {
    name: 'decide throws a forged failure',
    inside: "throw Object.assign(new Error('x'), { kind: 'ok', ok: true, place: { line: 1e9, column: -1 } });",
    end: 'throw',
  },
  {
    name: 'the message channel: process.send',
    inside: 'process.send({ id: 1, answer: { ok: true, value: [] } });',
    end: 'throw',
  },
  { name: 'the message channel: postMessage', inside: 'postMessage({ id: 1 });', end: 'throw' },
  {
    name: 'a weight beyond every bound is clamped',
    inside: 'now.target(1e9); return;',
    end: 'harmless',
    as: 'now.target(1); return;',
  },
  { name: 'a weight that is not a number', inside: 'now.target(NaN);', end: 'throw' },
  { name: 'a weight that is an object', inside: 'now.target({ valueOf: () => 1 });', end: 'throw' },
  {
    name: 'a weight that changes while it is read',
    inside: 'let n = 0; now.target({ [Symbol.toPrimitive]: () => (n++ ? 1e12 : 1) });',
    end: 'throw',
  },
  {
    name: 'a stop that changes while it is read',
    as: null,
    inside:
      'let n = 0; now.target(1, { get stop() { n += 1; return n === 1 ? now.close * 0.9 : NaN; } }); if (n > 1) throw new Error("read " + n); now.flat();',
    end: 'harmless',
  },
  {
    name: 'options that are a proxy',
    inside: "now.target(1, new Proxy({}, { get: () => { throw new Error('trap'); } }));",
    end: 'throw',
  },
  { name: 'a negative number of bars', inside: 'now.target(1, { limit: now.close, bars: -5 });', end: 'throw' },
  {
    name: 'a limit of zero never fills',
    inside: 'now.target(1, { limit: 0 }); return;',
    end: 'harmless',
    as: 'return;',
  },
  { name: 'a negative ago', inside: "now.ago('close', -1);", end: 'throw', message: /ago/ },
  { name: 'a fractional ago', inside: "now.ago('close', 0.5);", end: 'throw', message: /ago/ },
  { name: 'an ago that is an object', inside: "now.ago('close', { valueOf: () => -1 });", end: 'throw' },
  { name: 'a column that is no column', inside: "now.ago('__proto__', 0);", end: 'throw' },
  { name: 'an unknown timeframe', inside: "now.tf('1s');", end: 'throw' },
  {
    name: 'an indicator called position',
    series: 'return { position: bars.close };',
    end: 'throw',
    message: /position/,
  },
  { name: 'an indicator called target', series: 'return { target: bars.close };', end: 'throw' },
  { name: 'an indicator called __proto__', series: "return { ['__proto__']: bars.close };", end: 'harmless' },
  {
    name: 'indicators that are a proxy',
    series: "return new Proxy({}, { ownKeys: () => { throw new Error('trap'); } });",
    end: 'throw',
    message: /trap/,
  },
  { name: 'indicators that are an array of numbers', series: 'return { x: [1, 2, 3] };', end: 'throw' },
  {
    name: 'indicators of a nested evaluation',
    series: 'return { get x() { throw new Error("getter"); } };',
    end: 'throw',
    message: /getter/,
  },
  {
    name: 'now kept from another evaluation',
    top: 'let kept: any;',
    inside: 'kept ??= now; if (kept !== now) throw new Error("another now");',
    end: 'harmless',
  },
  {
    name: 'orders from a job after decide',
    inside: '(async () => { await null; now.target(-1); })();',
    end: 'harmless',
  },
  { name: 'a rejection that nobody handles', inside: "(async () => { throw new Error('late'); })();", end: 'throw' },
  {
    name: 'an unhandled throw in a job',
    inside: "(async () => { await null; throw new Error('late'); })();",
    end: 'throw',
  },
  {
    name: 'jobs without end after decide',
    inside: '(async () => { for (;;) await null; })();',
    end: 'timeout',
  },
  {
    name: 'jobs that wait for one another without end',
    top: 'const held: any[] = [];',
    inside:
      'const again = async (): Promise<any> => { held.push(new Array(1e5).fill(1)); await null; return again(); }; again();',
    end: 'memory',
  },
  {
    name: 'decide is a generator',
    as: 'return;',
    top: 'const inner = function* () { yield 1; };',
    inside: 'return inner();',
    end: 'harmless',
  },
  {
    name: 'ten million orders',
    inside: 'for (let i = 0; i < 1e7; i++) now.order(1e-9, { limit: 1 });',
    end: 'timeout',
  },
];

/** Starving the harness or the machine. */
export const STARVE: readonly Hostile[] = [
  { name: 'CPU: an endless loop while the file is evaluated', top: 'for (;;) {}', end: 'timeout' },
  { name: 'CPU: an endless loop in decide', inside: 'for (;;) {}', end: 'timeout' },
  { name: 'CPU: an endless loop in indicators', series: 'for (;;) {}', end: 'timeout' },
  {
    name: 'CPU: a loop that catches everything',
    inside: 'for (;;) { try { for (;;) {} } catch {} finally { continue; } }',
    end: 'timeout',
  },
  { name: 'CPU: a catastrophic regular expression', inside: "/^(a+)+$/.test('a'.repeat(60) + 'b');", end: 'timeout' },
  {
    name: 'CPU: a generator without end',
    inside: '[...(function* () { let i = 0; for (;;) { i = (i + 1) % 7; if (i > 9) yield i; } })()];',
    end: 'timeout',
  },
  { name: 'CPU: sorting with an endless comparison', inside: '[3, 2, 1].sort(() => { for (;;) {} });', end: 'timeout' },
  { name: 'CPU: BigInt powers', inside: 'let x = 3n; for (;;) x = (x * x) % (2n ** 200000n);', end: 'timeout' },
  {
    name: 'recursion without end',
    inside: 'const f = (n: number): number => 1 + f(n + 1); f(0);',
    end: 'throw',
    message: /call stack/,
  },
  {
    name: 'recursion without end in toString',
    inside: 'const o: any = { toString: () => "" + o }; throw o;',
    end: 'throw',
  },
  {
    name: 'recursion that catches itself',
    inside: 'const f = (): any => { try { return f(); } catch { return f(); } }; f();',
    end: 'timeout',
  },
  {
    name: 'an order at the edge of the stack',
    as: null,
    top: 'let done = false;',
    inside:
      'const f = (): void => { try { f(); } catch { if (!done) { done = true; now.target(1, { stop: 1 }); } } }; f();',
    end: 'harmless',
  },
  {
    name: 'memory: arrays',
    top: 'const kept: any[] = [];',
    inside: 'for (;;) kept.push(new Array(10_000).fill(1.5));',
    end: 'memory',
  },
  {
    name: 'memory: array buffers',
    top: 'const kept: any[] = [];',
    inside: 'for (;;) kept.push(new Uint32Array(1e6).fill(1));',
    end: 'memory',
  },
  { name: 'memory: one huge buffer', inside: 'new Uint32Array(2 ** 30).fill(1);', end: 'memory' },
  { name: 'memory: one huge string', inside: "'x'.repeat(2 ** 30);", end: 'memory' },
  {
    name: 'memory: doubling a string',
    top: "let text = 'x';",
    inside: 'for (;;) { text += text; if (text.length < 0) now.flat(); }',
    end: 'memory',
  },
  {
    name: 'memory: a map',
    top: 'const kept = new Map<number, any>();',
    inside: 'for (let i = 0; ; i++) kept.set(i, { i });',
    end: 'memory',
  },
  {
    name: 'memory: closures',
    top: 'let chain: any = () => 0;',
    inside: 'for (;;) { const before = chain; chain = () => before; }',
    end: 'memory',
  },
  {
    name: 'output: an exception of 100 MB',
    inside: "throw new Error('x'.repeat(1e8));",
    end: 'throw',
    message: /a message of 100000000 characters/,
  },
  {
    name: 'output: a text of 100 MB',
    inside: "throw 'x'.repeat(1e8);",
    end: 'throw',
    message: /a text of 100000000 characters/,
  },
  {
    name: 'output: an exception with a hostile message',
    inside: "throw { get message() { throw new Error('no'); } };",
    end: 'throw',
    message: /looked at/,
  },
  {
    name: 'output: an exception whose message loops',
    inside: 'throw { get message() { for (;;) {} } };',
    end: 'timeout',
  },
  {
    name: 'output: an exception that is a proxy',
    inside: "throw new Proxy(new Error('x'), { get: () => { throw 1; }, getPrototypeOf: () => { throw 2; } });",
    end: 'throw',
  },
  {
    name: 'output: an exception with control characters',
    inside: "throw new Error('\\u001b[2J\\u0000\\n\\r\\u202eevil');",
    end: 'throw',
    message: /^[\P{C}]*$/u,
  },
  { name: 'output: throwing undefined', inside: 'throw undefined;', end: 'throw', message: /undefined/ },
  { name: 'output: throwing a symbol', inside: "throw Symbol('s');", end: 'throw' },
  { name: 'output: throwing null', inside: 'throw null;', end: 'throw' },
  {
    name: 'output: nested causes',
    inside: "let e: any = new Error('0'); for (let i = 0; i < 1000; i++) e = new Error('n', { cause: e }); throw e;",
    end: 'throw',
  },
];
