import { seededRandom } from '../../../base/random.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';

/** Symbols that `now.of` may name as references; a table of more is memory. */
const REFERENCES = 2;

/** A universe in which symbols have the bars of others. */
export interface Exchanged {
  readonly data: readonly SimulationData[];
  readonly market: EngineMarket;
}

/**
 * Exchanges names and places of the symbols: bars, funding, costs and membership go together to another name. `named`: the names that the
 * candidate asks `now.of` for. Up to two of them stay where they are: moved, they would show that this is another universe, and in a small one also
 * which. Where fewer than two others are left all move. Which goes where is drawn by `seed`.
 */
export function exchange(
  data: readonly SimulationData[],
  market: EngineMarket,
  { named, seed }: { readonly named: ReadonlySet<string>; readonly seed: number | string },
): Exchanged {
  const names = data.map(({ symbol }) => symbol);
  const places = [...names.keys()];
  const free = named.size > REFERENCES ? places : places.filter((i) => !named.has(names[i]));
  const sources = cycled(places, free.length < 2 ? places : free, seed);
  const moved = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      names.flatMap((name, i) => (names[sources[i]] in of ? [[name, of[names[sources[i]]]] as const] : [])),
    );
  return {
    data: names.map((symbol, i) => ({ ...data[sources[i]], symbol })),
    market: {
      ...market,
      symbols: { ...market.symbols, ...moved(market.symbols) },
      ...(market.members && { members: moved(market.members) }),
    },
  };
}

/** `places`, of which those in `free` change theirs: a random order in which none of them keeps its place, by Sattolo's algorithm (1986). */
function cycled(places: readonly number[], free: readonly number[], seed: number | string): number[] {
  const random = seededRandom(`names ${seed}`);
  const order = [...free];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const sources = [...places];
  for (const [k, place] of free.entries()) sources[place] = order[k];
  return sources;
}
