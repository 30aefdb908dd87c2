import type { Hostile } from './case.ts';

/** Looks at everything that can be reached from the language's own objects, the API, `now` and what the engine throws. */
const WALK = `
const seen = new Set<any>(); const open: string[] = [];
const walk = (name: string, root: any) => {
  const todo: [any, string][] = [[root, name]];
  while (todo.length > 0) {
    const [at, path] = todo.pop()!;
    if ((typeof at !== 'object' && typeof at !== 'function') || at === null || seen.has(at)) continue;
    seen.add(at);
    if (!Object.isFrozen(at)) open.push(path);
    todo.push([Object.getPrototypeOf(at), path + '.[[Prototype]]']);
    for (const key of Reflect.ownKeys(at)) {
      const found: any = Object.getOwnPropertyDescriptor(at, key);
      for (const part of ['value', 'get', 'set']) todo.push([found[part], path + '.' + String(key)]);
    }
  }
};`;

/** Ways that are none of the above: stamps, look-alikes, thenables, builtins that do not stop, and a look at whatever is not frozen. */
export const ODD: readonly Hostile[] = [
  {
    name: 'nothing that can be reached is open to changes',
    top: WALK,
    inside: `
    for (const [name, value] of Object.entries({ Object, Array, Number, String, Boolean, Symbol, BigInt, Math, Date, JSON, RegExp, Map, Set,
      WeakMap, WeakSet, Error, TypeError, RangeError, Int32Array, Uint8Array, Proxy, Reflect, parseInt, isNaN, defineStrategy })) walk(name, value);
    walk('generator', Object.getPrototypeOf(function* () {})); walk('async', Object.getPrototypeOf(async () => {}));
    walk('async generator', Object.getPrototypeOf(async function* () {})); walk('promise', Object.getPrototypeOf((async () => {})()));
    walk('iterator', Object.getPrototypeOf([][Symbol.iterator]())); walk('map iterator', Object.getPrototypeOf(new Map().entries()));
    walk('text iterator', Object.getPrototypeOf('x'[Symbol.iterator]())); walk('matches', Object.getPrototypeOf('x'.matchAll(/x/g)));
    walk('helper', Object.getPrototypeOf(([] as any).values().map((x: any) => x))); walk('buffer', new Uint8Array(1).buffer.constructor);
    walk('api', require('ralph/strategy')); walk('now', now); walk('higher', now.tf('4h')); walk('p', p);
    try { now.ago('nothing', 0); } catch (e: any) { walk('error', Object.getPrototypeOf(e)); }
    throw new Error(seen.size > 500 ? 'open: ' + (open.join() || 'nothing') : 'saw too little');`,
    end: 'throw',
    message: /open: nothing$/,
  },
  {
    name: 'a private field stamped on now, a second time',
    top: 'class Any { constructor(o: any) { return o; } } class Stamp extends Any { #mark = 1; }',
    inside: 'new (Stamp as any)(now);',
    end: 'throw',
    message: /twice/,
  },
  {
    name: 'a private field stamped on a series and on its class',
    top: 'class Any { constructor(o: any) { return o; } } class Stamp extends Any { #mark = 1; }',
    series: 'new (Stamp as any)(bars.close); new (Stamp as any)(bars.close.constructor); return {};',
    end: 'harmless',
  },
  { name: 'a proxy around a series', series: 'return { x: new Proxy(bars.close, {}) };', end: 'throw' },
  {
    name: 'a class that extends that of a series',
    series:
      'class Mine extends bars.close.constructor { constructor() { super(Symbol("series"), [1]); } } new Mine(); return {};',
    end: 'throw',
    message: /cannot be made by hand/,
  },
  {
    name: 'the object that decide is a method of',
    inside: "if (typeof this === 'object' && this && Object.isExtensible(this)) throw new Error('open');",
    end: 'harmless',
  },
  {
    name: 'decide returns something to wait for',
    inside: 'return { then(done: any) { now.target(-1); done(); } };',
    as: 'return;',
    end: 'harmless',
  },
  {
    name: 'something to wait for that trades when it is waited for',
    inside: '(async () => { await { then(done: any) { now.target(-1); done(1); } }; })();',
    end: 'harmless',
  },
  {
    name: 'options with a prototype of their own',
    inside: "now.target(1, Object.create({ get stop() { throw new Error('inherited'); } }));",
    end: 'throw',
    message: /inherited/,
  },
  {
    name: 'options that bring a prototype as text',
    inside: 'now.target(1, JSON.parse(\'{"__proto__": {"stop": 1}, "target": 1e9}\')); return;',
    as: 'now.target(1, { target: 1e9 }); return;',
    end: 'harmless',
  },
  {
    name: 'indicators without end, by their number',
    series: 'const o: any = {}; for (let i = 0; ; i++) o["i" + i] = bars.close;',
    end: 'memory',
  },
  {
    name: 'memory: a buffer that doubles as it is handed on',
    inside:
      'const B: any = new Uint8Array(8).buffer.constructor; let b = new B(8); for (;;) b = b.transfer(b.byteLength * 2);',
    end: 'memory',
  },
  { name: 'memory: a list of four billion, joined', inside: "new Array(2 ** 32 - 1).join('x');", end: 'memory' },
  {
    name: 'CPU: a builtin that neither ends nor lets itself be interrupted',
    inside: 'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1);',
    end: 'timeout',
  },
  {
    name: 'recursion by a builtin',
    inside: 'const a: any[] = []; a.push(a); a.flat(Infinity);',
    end: 'throw',
    message: /call stack/,
  },
  {
    name: 'output: a failure that poses as a leak',
    inside: "class LeakError extends Error {} throw new LeakError('it uses the future');",
    end: 'throw',
  },
];
