import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCandidate } from '../backtest/compile/compile.ts';
import type { SimulationResult } from '../backtest/contract.ts';
import { NEUTRAL } from '../backtest/market.ts';
import { closing } from '../base/closing.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import { canaryMarket, canaryWindows } from '../gates/canaries/market.ts';
import { CHAMPION } from '../gates/canaries/strategies.ts';
import { boxWorkbench } from '../gates/workbench/box-workbench.ts';
import type { MarketConfig } from '../market/config.ts';

const LIMITS = { seconds: 120, heapMb: 256 };
const MARKET = { sizing: { mode: 'fraction', fraction: 1 } } as MarketConfig;

/**
 * Fingerprint of a fixed set of evaluations on a fixed market: the market itself, simulations with worse worlds, surrogates, an audit. Two hosts
 * whose fingerprints are equal computed the same to the last bit.
 */
export async function checkSet(): Promise<string> {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'ralph-check-'));
  const frozen = canaryWindows(dir.path);
  const compiled = await compileCandidate(CHAMPION.files);
  if (!compiled.ok) throw new Error(`the check set does not compile: ${compiled.problems.join('; ')}`);
  const { code, config, defaults } = compiled;
  const market = canaryMarket(MARKET);
  await using bench = closing(boxWorkbench({ code, symbols: config.symbols, frozen, market, limits: LIMITS }));
  const params = { ...defaults, ...config.params };
  const worlds = [
    NEUTRAL,
    { ...NEUTRAL, name: 'costs', costMultiplier: 2 },
    { ...NEUTRAL, name: 'late', delayBars: 1 },
  ];
  const played = await bench.simulate(
    'train',
    worlds.map((scenario) => ({ params, scenario, detail: 'full' })),
  );
  const drawn = [0, 1].map((index) => ({ index, holdMinutes: 1, drift: index === 1 }));
  const surrogates = await bench.simulate(
    'train',
    drawn.map((surrogate) => ({ params, scenario: NEUTRAL, detail: 'summary', surrogate })),
  );
  const audit = await bench.audit(params, 3);
  if (!played.ok || !surrogates.ok || !audit.ok) throw new Error('the check set was not evaluated');
  const windows = [...frozen.train, ...frozen.selection.flat()].map(({ fingerprint }) => fingerprint);
  const results = [...played.value, ...surrogates.value].map(plainResult);
  return sha256(canonicalJson({ windows, results, audit: audit.value }));
}

/** Columns by the hash of their bytes. */
function plainResult(result: SimulationResult): unknown {
  return JSON.parse(
    JSON.stringify(result, (_, value: unknown) => (ArrayBuffer.isView(value) ? sha256(value as Uint8Array) : value)),
  );
}
