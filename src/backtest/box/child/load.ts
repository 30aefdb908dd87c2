import type { Params } from '../../../strategy/candidate.ts';
import type { IndicatorBars, StrategyDefinition } from '../../../strategy/definition.ts';
import * as strategyApi from '../../../strategy/index.ts';
import { Series } from '../../../strategy/series.ts';
import { map, rolling, scan } from './customs.ts';
import { CANDIDATE } from './lockdown.ts';

/**
 * Globals a strategy may use; all others are taken out of the compartment. They are handed in as parameters: a free name
 * would otherwise be looked up through the compartment's scope proxy on every use, which is a hundred times slower.
 * Arrays of floats are left out because the bits of their NaNs differ from run to run, promises because code that
 * runs after decide() has returned decides nothing.
 */
const GLOBALS =
  `undefined NaN Infinity Object Array Number String Boolean Symbol BigInt Math Date JSON RegExp Map Set WeakMap WeakSet
  Error TypeError RangeError isNaN isFinite parseInt parseFloat Int32Array Uint32Array Int16Array Uint16Array Int8Array
  Uint8Array Proxy Reflect`.split(/\s+/);

declare const harden: <T>(value: T) => T;
declare const Compartment: new () => { globalThis: Record<string, unknown>; evaluate(source: string): unknown };

// Custom indicators run callbacks of the candidate: they go through the audit's hands.
const api = harden({ ...strategyApi, scan, map, rolling });
// Reachable from every series, and with it a place to keep things from one simulation to the next.
harden(Series);
// SES does not know them, so that it does not freeze them either.
harden([Float64Array, Float32Array]);

type Factory = (require: (name: string) => unknown, module: { exports: object }, ...globals: unknown[]) => void;

/**
 * Evaluates a candidate's script in a compartment of its own and returns its strategy, hardened. Nothing of the process
 * is reachable from it: not the globals, not the other evaluations of the same script.
 */
function loadStrategy(code: string): StrategyDefinition {
  const compartment = new Compartment();
  for (const name of Object.getOwnPropertyNames(compartment.globalThis)) {
    if (!GLOBALS.includes(name)) Reflect.deleteProperty(compartment.globalThis, name);
  }
  const source = `(function (require, module, ${GLOBALS.join(', ')}) {${code}\n})\n//# sourceURL=${CANDIDATE}`;
  const factory = compartment.evaluate(source) as Factory;
  const module = { exports: {} as { default?: unknown } };
  const require = (name: string) => {
    if (name !== 'ralph/strategy') throw new TypeError(`import from '${name}' is refused`);
    return api;
  };
  factory(harden(require), module, ...GLOBALS.map((name) => compartment.globalThis[name]));
  const strategy = module.exports.default;
  if (typeof strategy !== 'object' || strategy === null) throw new TypeError('the strategy file exports no strategy');
  return harden(strategy) as StrategyDefinition;
}

/**
 * A strategy whose `indicators` and `decide` come from two evaluations: what the indicator callbacks, which run over the
 * whole series first, stash in a variable of the file is not there when decide() looks for it.
 * `stateless`: what the compiler has found it to be.
 */
export function loadSplitStrategy(code: string, stateless = false): StrategyDefinition {
  const loaded = loadStrategy(code);
  const calendar = loaded.seasonal === true ? 'week' : 'none';
  // Its functions are called on it. What it is called and why it was written are for people, and no text to read numbers from.
  const decider = Object.freeze({ ...loaded, family: '', hypothesis: '', calendar, stateless } as const);
  if (!decider.indicators) return decider;
  const { indicators } = loadStrategy(code);
  const guarded = (bars: IndicatorBars, p: Params) => indicators?.(harden(bars), p) ?? {};
  return Object.freeze({ ...decider, indicators: guarded });
}
