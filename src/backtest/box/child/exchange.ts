import { seededRandom } from '../../../base/random.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';

/** Symbols that `now.of` may name as references; a table of more is memory. */
const REFERENCES = 2;

/** A universe in which every symbol has the bars of another. */
export interface Exchanged {
  readonly data: readonly SimulationData[];
  readonly market: EngineMarket;
  /** References by their new names: what is asked for by name keeps its bars. */
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * Exchanges names and places of the symbols: bars, funding, costs and membership go together to another name. `named`: the names that the
 * candidate asks `now.of` for; two of them keep their bars. Which goes where must not be foreseeable from one of them: it is drawn by `seed`.
 */
export function exchange(
  data: readonly SimulationData[],
  market: EngineMarket,
  { named, seed }: { readonly named: ReadonlySet<string>; readonly seed: number | string },
): Exchanged {
  const sources = cycleOf(data.length, seed);
  const names = data.map(({ symbol }) => symbol);
  const moved = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      names.flatMap((name, i) => (names[sources[i]] in of ? [[name, of[names[sources[i]]]] as const] : [])),
    );
  const pinned = named.size > REFERENCES ? [] : [...named].filter((name) => names.includes(name));
  return {
    data: names.map((symbol, i) => ({ ...data[sources[i]], symbol })),
    market: {
      ...market,
      symbols: { ...market.symbols, ...moved(market.symbols) },
      ...(market.members && { members: moved(market.members) }),
    },
    renamed: new Map(pinned.map((name) => [name, names[sources.indexOf(names.indexOf(name))]])),
  };
}

/** A random order in which nothing keeps its place, by Sattolo's algorithm (1986). */
function cycleOf(length: number, seed: number | string): number[] {
  const random = seededRandom(`names ${seed}`);
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
