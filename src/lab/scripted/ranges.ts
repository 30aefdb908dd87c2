import { pick, seededRandom } from '../../base/random.ts';
import { rangeAround, tidy } from '../../task/trading/blocks/ranges.ts';
import type { Brain } from '../server/brain.ts';

const STEPS = [0.7, 0.85, 1.2, 1.5];
const YAML_PARAMS = /^params:\s*(\{[^}]*\}|(?:\n[ ]+\S.*)+)\n?/m;
const CODE_PARAMS = /^(\s*params:\s*)\{[^}]*\}/m;
const ENTRY = /(\w+):\s*(-?\d+(?:\.\d+)?)/g;
const RANGE = /range\((-?[\d.]+), (-?[\d.]+)\)/g;

/** The same model leaving its numbers to the harness: what it would have written becomes a range from half to twice that. */
export function withRanges(brain: Brain): Brain {
  return async (turn) => {
    const said = await brain(turn);
    if (!('calls' in said) || !said.calls) return said;
    const calls = said.calls.map((call) =>
      call.name === 'write_candidate' ? { ...call, args: ranged(call.args as Files) } : call,
    );
    return { ...said, calls };
  };
}

type Files = Record<'name' | 'strategy' | 'yaml', string>;

/** A candidate that has ranges already gets them moved: otherwise it would be the same once more. */
function ranged({ name, strategy, yaml }: Files): Files {
  const params = YAML_PARAMS.exec(yaml)?.[1];
  if (params === undefined) {
    const random = seededRandom(name);
    return { name, yaml, strategy: strategy.replaceAll(RANGE, (_, ...ends) => moved(ends, pick(random, STEPS))) };
  }
  const entries = [...params.matchAll(ENTRY)].map(([, key, value]) => `${key}: ${rangeAround(Number(value))}`);
  return {
    name,
    strategy: strategy.replace(CODE_PARAMS, (_, before: string) => `${before}{ ${entries.join(', ')} }`),
    yaml: yaml.replace(YAML_PARAMS, ''),
  };
}

function moved(ends: readonly unknown[], factor: number): string {
  const [from, to] = ends.slice(0, 2).map(Number);
  const whole = Number.isInteger(from) && Number.isInteger(to);
  const [low, high] = [tidy(from * factor, whole), tidy(to * factor, whole)];
  return low === high ? `range(${from}, ${to})` : `range(${low}, ${high})`;
}
