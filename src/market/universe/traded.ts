import { DAY } from '../bars.ts';
import type { MarketConfig } from '../config.ts';
import type { Members, Universes } from './members.ts';

/** What a candidate trades, and the market that knows who is a member when. */
export interface Traded {
  readonly symbols: readonly string[];
  /** `members` is there for a set alone: a symbol without an entry is one always. */
  readonly market: MarketConfig & { readonly members?: Members };
}

/** What a candidate's YAML says of its symbols. */
export interface Wanted {
  readonly symbols: readonly string[];
  readonly universe?: string;
}

/** Where the sets of a run are found: a FrozenWindows fits. */
export interface Sets {
  readonly universes?: Universes;
}

/** The symbols that a candidate names, or those of its set in the order of their names; a line that says why there are none. */
export function tradedBy(
  { symbols, universe }: Wanted,
  { universes = {} }: Sets,
  market: MarketConfig,
): Traded | string {
  if (universe === undefined) return { symbols, market };
  const members = Object.hasOwn(universes, universe) ? universes[universe] : undefined;
  if (members) return { symbols: Object.keys(members).sort(), market: { ...market, members } };
  const known = Object.keys(universes).join(', ');
  return `universe: market.yaml has no set ${universe}; ${known ? `it has ${known}` : 'it has none: name symbols'}`;
}

/** Who is a member on the day that begins at `day`, epoch ms. */
export function isMember(members: Members | undefined, symbol: string, day: number): boolean {
  const spans = members?.[symbol];
  return !spans || spans.some(({ from, to }) => (from ?? -Infinity) < day + DAY && day < (to ?? Infinity));
}

/** Whether it was a member at any time before `by`, epoch ms. */
export function hasJoined(members: Members | undefined, symbol: string, by: number): boolean {
  const spans = members?.[symbol];
  return !spans || spans.some(({ from }) => (from ?? -Infinity) < by);
}
