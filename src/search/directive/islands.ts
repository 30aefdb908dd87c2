import { seededRandom } from '../../base/random.ts';
import type { RunEvent } from '../../journal/events.ts';

export interface IslandPlan {
  /** 0 .. islands - 1. */
  readonly island: number;
  /** Its own families, which it is steered to; after them it may work on any. */
  readonly families: readonly string[];
  /** Added to the temperature: the first island is a little cooler than configured, the last one clearly hotter. */
  readonly heat: number;
}

const COOL = -0.1;
const HOT = 0.3;

/** What makes one island different from the others: a seeded share of the families, and a temperature. */
export function islandPlan(island: number, islands: number, families: readonly string[], seed: number): IslandPlan {
  const random = seededRandom(`${seed}/islands`);
  const shuffled = families.map((family) => ({ family, place: random() })).sort((a, b) => a.place - b.place);
  const own = shuffled.filter((_, i) => i % islands === island).map(({ family }) => family);
  const heat = islands === 1 ? 0 : COOL + ((HOT - COOL) * island) / (islands - 1);
  return { island, families: own.length > 0 ? own : families, heat: Math.round(100 * heat) / 100 };
}

/** The idle island with the fewest cycles so far, the lowest number among equals; null when all are at work. */
export function nextIsland(events: readonly RunEvent[], busy: ReadonlySet<number>, islands: number): number | null {
  const cycles = new Array<number>(islands).fill(0);
  for (const event of events) {
    if (event.type === 'cycle.started' && event.island !== undefined && event.island < islands) cycles[event.island]++;
  }
  const idle = cycles.map((count, island) => ({ count, island })).filter(({ island }) => !busy.has(island));
  return idle.sort((a, b) => a.count - b.count || a.island - b.island)[0]?.island ?? null;
}

/**
 * What one island sees: all up to the last migration (each `every` cycles), then only its own, with hints, program and segments. For digest
 * and directive only: trials and the threshold count the whole journal.
 */
export function islandView(events: readonly RunEvent[], island: number, every: number): RunEvent[] {
  const owner = new Map<number, number | undefined>();
  let newest = 0;
  for (const event of events) {
    if (event.type !== 'cycle.started') continue;
    owner.set(event.cycle, event.island);
    newest = Math.max(newest, event.cycle);
  }
  const migrated = Math.floor(newest / every) * every;
  return events.filter((event) => {
    if (!('cycle' in event) || event.type.startsWith('hint.') || event.type === 'program.changed') return true;
    const of = owner.get(event.cycle);
    return event.cycle <= migrated || of === undefined || of === island;
  });
}
