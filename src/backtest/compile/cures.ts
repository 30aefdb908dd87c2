import type { Diagnostic } from 'typescript/unstable/async';
import { KNOWN } from '../../strategy/imports.ts';
import * as contract from '../../strategy/index.ts';

const OPTIONS = 'stop, target, trail, limit, trigger, bars, reduceOnly, oco';

/**
 * One line that says how to fix a type error which models often make, or null for any other error. TypeScript's own words name
 * the types; these name the call that is right.
 */
export function cureFor({ code, pos, text }: Diagnostic, source: string): string | null {
  const quoted = /'([^']+)'/.exec(text)?.[1] ?? '';
  switch (code) {
    case 2304: // Cannot find name
    case 2552:
      return unknownName(quoted);
    case 2554: // Expected 4 arguments, but got 2
    case 2345: // Argument of type … is not assignable
      return rightCall(source, pos);
    case 2540: // read-only property
      return `the harness sets now.${quoted}; read it, and act with now.target, now.order, now.protect or now.flat`;
    case 2339: // no such property
      return noSuchProperty(quoted, text, source.slice(pos).startsWith(`${quoted}(`));
    case 2362: // arithmetic on something that is no number
    case 2363:
      return 'a series has no arithmetic: use map((a, b) => a - b)(x, y), or return both and subtract in decide()';
    case 2353: // unknown property of an object literal
      return /OrderOptions|Protection/.test(text) ? `the options of an order are ${OPTIONS}` : null;
    default:
      return null;
  }
}

function noSuchProperty(name: string, text: string, called: boolean): string | null {
  if (['time', 'hour', 'weekday'].includes(name) && /Now|SeriesBars|ClosedBar/.test(text))
    return 'a strategy sees no dates; `seasonal: true` beside timeframe gives now.hour, now.weekday and the series time within the week';
  const params = /'Readonly<\{([^}]*)\}>'/.exec(text)?.[1];
  if (params !== undefined) return `params has no ${name}: leave p.${name} out; it has ${namesIn(params, 'p')}`;
  const returned = /'Now<\{([^}]*)\}/.exec(text)?.[1];
  if (returned === undefined) return null;
  if (called) return `now has no ${name}(): enter with now.target(1), leave with now.flat()`;
  return `indicators returns no ${name}: leave now.${name} out, or add ${name} there; it returns ${namesIn(returned, 'now')}`;
}

/** The names of an object type, such as `p.fast, p.slow`. */
function namesIn(type: string, owner: string): string {
  return [...type.matchAll(/(\w+): /g)].map(([, each]) => `${owner}.${each}`).join(', ') || 'nothing';
}

function unknownName(name: string): string | null {
  if (!/^[a-z]\w*$/i.test(name)) return null;
  const near = [...KNOWN]
    .filter((known) => known.toLowerCase().endsWith(name.toLowerCase()))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, 5);
  return near.length > 0 ? `there is no ${name} in ralph/strategy; there are ${near.join(', ')}` : null;
}

/** The innermost call of a known function around a position, as it should be. */
function rightCall(source: string, position: number): string | null {
  let inner: { name: string; given: number } | null = null;
  for (const { 1: name, 0: head, index } of source.matchAll(/(?<![.\w$])([A-Za-z]\w*)\s*\(/g)) {
    if (index > position) break;
    if (!KNOWN.has(name) || name === 'defineStrategy') continue;
    const given = argumentsFrom(source, index + head.length, position);
    if (given !== null) inner = { name, given };
  }
  if (inner === null) return null;
  const { name, given } = inner;
  return `${name} takes (${parametersOf(name)}); you gave ${given} argument${given === 1 ? '' : 's'}`;
}

/** How many arguments a call has, or null when it ends before the position. */
function argumentsFrom(source: string, start: number, position: number): number | null {
  let [depth, commas] = [0, 0];
  for (let at = start; at < source.length; at++) {
    const sign = source[at];
    if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign)) {
      depth--;
      if (depth < 0) {
        const empty = source.slice(start, at).trim() === '';
        return at < position ? null : empty ? 0 : commas + 1;
      }
    } else if (sign === ',' && depth === 0) commas++;
  }
  return null;
}

/** Names of a function's parameters as it was written: `high, low, close, period`. */
function parametersOf(name: string): string {
  const code = String((contract as Record<string, unknown>)[name]);
  return (/^(?:function\s*\w*\s*)?\(([^)]*)\)/.exec(code)?.[1] ?? '…')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' ,', ',')
    .trim();
}
