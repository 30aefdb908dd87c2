import type { Hostile } from './case.ts';

/** Ways out of the compartment: each ends in a throw, because there is nothing to reach. */
export const REACH: readonly Hostile[] = [
  {
    name: 'files: require of node:fs',
    inside: "require('node:fs').readFileSync('/etc/passwd');",
    end: 'throw',
    message: /refused/,
  },
  {
    name: 'files: require of a relative path',
    inside: "require('../../base/files.ts');",
    end: 'throw',
    message: /refused/,
  },
  {
    name: 'files: process.getBuiltinModule',
    inside: "process.getBuiltinModule('fs').writeFileSync('/tmp/x', '');",
    end: 'throw',
  },
  { name: 'files: the module object', inside: "module.constructor._load('fs');", end: 'throw' },
  { name: 'network: fetch', inside: "fetch('http://127.0.0.1:9');", end: 'throw' },
  { name: 'network: WebSocket', inside: "new WebSocket('ws://127.0.0.1:9');", end: 'throw', message: /WebSocket/ },
  {
    name: 'environment: process.env',
    inside: 'now.target(process.env.RALPH_API_KEY ? 1 : 0);',
    end: 'throw',
  },
  { name: 'environment: globalThis.process', inside: 'globalThis.process.env.PATH;', end: 'throw' },
  {
    name: 'environment: this of a sloppy function',
    inside: 'const self = (function (this: any) { return this; })(); self.process.env;',
    end: 'throw',
  },
  {
    name: 'children: child_process',
    inside: "require('child_process').execSync('id');",
    end: 'throw',
    message: /refused/,
  },
  { name: 'workers: Worker', inside: "new Worker('data:text/javascript,1');", end: 'throw', message: /Worker/ },
  {
    name: 'addons: process.dlopen',
    inside: "process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6');",
    end: 'throw',
  },
  {
    name: 'inspector: node:inspector',
    inside: "require('node:inspector').open(9229);",
    end: 'throw',
    message: /refused/,
  },
  {
    name: 'dynamic import',
    inside: "import('node:fs').then((fs) => fs);",
    end: 'throw',
    message: /code from text|import/,
  },
  { name: 'dynamic import hidden in eval', inside: "(0, eval)('im' + 'port(\"node:fs\")');", end: 'throw' },
  {
    name: 'import.meta',
    inside: "const u = (import.meta as any).url; if (!u) throw new Error('no url');",
    end: 'throw',
  },
  { name: 'eval, direct', inside: "eval('1 + 1');", end: 'throw' },
  { name: 'eval, indirect', inside: "(0, eval)('process');", end: 'throw' },
  { name: 'Function from its name', inside: "new Function('return process')();", end: 'throw' },
  {
    name: 'Function from a function',
    inside: "(() => {}).constructor('return process')();",
    end: 'throw',
    message: /code from text/,
  },
  {
    name: 'Function from an array method',
    inside: "([] as any).map.constructor('return this')();",
    end: 'throw',
    message: /code from text/,
  },
  {
    name: 'GeneratorFunction',
    inside: "Object.getPrototypeOf(function* () {}).constructor('yield process')().next();",
    end: 'throw',
  },
  {
    name: 'AsyncFunction',
    inside: "Object.getPrototypeOf(async () => {}).constructor('return process')();",
    end: 'throw',
  },
  {
    name: 'AsyncGeneratorFunction',
    inside: "Object.getPrototypeOf(async function* () {}).constructor('yield 1')();",
    end: 'throw',
  },
  {
    name: 'Function from an API function',
    inside: "now.target.constructor('return process')();",
    end: 'throw',
    message: /code from text/,
  },
  {
    name: 'Function from the shared Error',
    inside: "try { (null as any).x; } catch (e: any) { e.constructor.constructor('return process')(); }",
    end: 'throw',
  },
  {
    name: 'Function from an engine error',
    inside: "try { now.ago('nothing', 1); } catch (e: any) { e.constructor.constructor('return process')(); }",
    end: 'throw',
  },
  { name: 'caller and callee', inside: 'const f: any = function () { return f.caller; }; f().caller;', end: 'throw' },
  {
    name: 'arguments.callee.caller',
    inside: 'const f = function () { return (arguments as any).callee.caller; }; f();',
    end: 'throw',
  },
  {
    name: 'a stack with frames',
    inside:
      "const e: any = new Error('x'); if (e.stack && e.stack.includes('box.js')) now.target(1); else throw new Error('no frames');",
    end: 'throw',
    message: /no frames/,
  },
  {
    name: 'Error.prepareStackTrace',
    inside:
      "const e: any = Error; e.prepareStackTrace = (_: any, frames: any) => { throw frames; }; if (new Error('x').stack || e.prepareStackTrace(new Error('y'), []) !== '') throw new Error('kept');",
    end: 'harmless',
  },
  {
    name: 'Error.captureStackTrace',
    inside:
      "const o: any = {}; (Error as any).captureStackTrace(o); if (!o.stack) throw new Error('nothing captured');",
    end: 'throw',
  },
  {
    name: 'a compartment of its own',
    inside: "new (globalThis as any).Compartment({ process: 1 }).evaluate('process');",
    end: 'throw',
  },
  { name: 'lockdown called again', inside: '(globalThis as any).lockdown();', end: 'throw' },
  { name: 'WebAssembly', inside: 'new (globalThis as any).WebAssembly.Memory({ initial: 1 });', end: 'throw' },
  { name: 'SharedArrayBuffer', inside: 'new (globalThis as any).SharedArrayBuffer(8);', end: 'throw' },
  { name: 'Atomics.wait', inside: '(globalThis as any).Atomics.wait(new Int32Array(4), 0, 0, 1e9);', end: 'throw' },
  { name: 'timers', inside: 'setTimeout(() => {}, 0);', end: 'throw', message: /setTimeout/ },
  { name: 'queueMicrotask', inside: 'queueMicrotask(() => {});', end: 'throw', message: /queueMicrotask/ },
  { name: 'output: console', inside: "console.log('x'.repeat(1e6));", end: 'throw' },
  { name: 'signals: process.kill', inside: "process.kill(process.ppid, 'SIGKILL');", end: 'throw' },
  { name: 'ending the process: process.exit', inside: 'process.exit(0);', end: 'throw' },
  { name: 'WeakRef', inside: 'new (globalThis as any).WeakRef({});', end: 'throw' },
  { name: 'FinalizationRegistry', inside: 'new (globalThis as any).FinalizationRegistry(() => {});', end: 'throw' },
];
