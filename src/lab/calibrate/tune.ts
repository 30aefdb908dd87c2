import { simulate } from '../../backtest/engine.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { table } from '../../base/draw/terminal.ts';
import { seededRandom } from '../../base/random.ts';
import { evidenceOf } from '../../gates/evidence.ts';
import { DAY } from '../../market/bars.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { calibrationMarket, NOISE } from './ground.ts';
import type { PlantedKind } from './markets/strengths.ts';
import { WARMUP_DAYS } from './search/memory-workbench.ts';
import { randomProposer } from './search/proposers.ts';
import type { Proposal, Space } from './search/search.ts';
import { readSpaces } from './search/spaces.ts';
import { MARKET_DAYS } from './search/windows.ts';

const KINDS: readonly PlantedKind[] = ['momentum', 'reversion', 'post-jump'];
const STRENGTHS = [2, 4, 6, 8, 12];
/** Markets of five years; their mean has a standard error of 1 / sqrt(5 x this). */
const MARKETS = 12;

/**
 * Measures what the library's best expression of each planted edge earns net, by strength: the table behind strengths.ts. The best expression is
 * chosen on markets of its own, so that it is not flattered.
 */
export async function tune(paths: { libraryDir: string; configDir: string }): Promise<string> {
  const spaces = await readSpaces(paths.libraryDir);
  const rows: (string | number)[][] = [];
  for (const kind of KINDS) {
    const best = bestOf(spaces, kind);
    for (const strength of STRENGTHS) {
      const sharpes = best.map((proposal) => meanSharpe(proposal, kind, strength, MARKETS, 'tune'));
      rows.push([kind, strength, ...sharpes.map((sharpe) => sharpe.toFixed(2)), best[0].space.name]);
    }
    rows.push(...best.map(({ space, params }) => [kind, 'is', space.name, JSON.stringify(params), '', '']));
  }
  return table(['edge', 'strength', 'first', 'second', 'third', 'by'], rows);
}

/** The three points of the spaces that earn most of an edge of middling strength, of 200 drawn. */
function bestOf(spaces: readonly Space[], kind: PlantedKind): Proposal[] {
  const random = seededRandom(`tune ${kind}`);
  const propose = randomProposer(spaces);
  const drawn = Array.from({ length: 200 }, () => propose([], random));
  const scored = (proposals: readonly Proposal[], markets: number) =>
    proposals
      .map((proposal) => ({ proposal, sharpe: meanSharpe(proposal, kind, 6, markets, 'choose') }))
      .toSorted((a, b) => b.sharpe - a.sharpe)
      .map(({ proposal }) => proposal);
  return scored(scored(drawn, 1).slice(0, 30), 6).slice(0, 3);
}

const cache = new Map<string, ReturnType<typeof simulateMarket>['bars']>();

function meanSharpe(
  { space, params }: Proposal,
  kind: PlantedKind,
  strength: number,
  markets: number,
  salt: string,
): number {
  let sum = 0;
  for (let k = 0; k < markets; k++) {
    const seed = `${salt} ${kind} ${strength} ${k}`;
    const bars =
      cache.get(seed) ??
      simulateMarket({ ...NOISE, barMinutes: 15, seed, edges: [{ kind, annualSharpe: strength }] }).bars;
    if (cache.size < 20) cache.set(seed, bars);
    else cache.clear();
    const range = { from: NOISE.start + WARMUP_DAYS * DAY, to: NOISE.start + MARKET_DAYS * DAY };
    const request = { params, scenario: NEUTRAL, detail: 'summary' as const };
    const { sharpe } = evidenceOf(
      simulate(space.definition, [{ symbol: 'SIM', bars, range }], request, calibrationMarket()),
    );
    sum += Number.isFinite(sharpe) ? sharpe : 0;
  }
  return sum / markets;
}
