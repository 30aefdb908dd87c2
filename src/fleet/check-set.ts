import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCandidate } from '../backtest/compile/compile.ts';
import type { SimulationResult } from '../backtest/contract.ts';
import { canonicalJson, sha256 } from '../base/hash.ts';
import { canaryMarket, canaryWindows } from '../gates/canaries/market.ts';
import { CHAMPION } from '../gates/canaries/strategies.ts';
import { NEUTRAL } from '../gates/stages/stage.ts';
import { boxWorkbench } from '../gates/workbench/box-workbench.ts';
import type { MarketConfig } from '../market/config.ts';

const LIMITS = { seconds: 120, heapMb: 256 };
const MARKET = { sizing: { mode: 'fraction', fraction: 1 } } as MarketConfig;

/**
 * Fingerprint of a fixed set of evaluations on a fixed market: the market itself, simulations with worse worlds, surrogates, an audit. Two hosts
 * whose fingerprints are equal computed the same to the last bit.
 */
export async function checkSet(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-check-'));
  try {
    const frozen = canaryWindows(dir);
    const compiled = await compileCandidate(CHAMPION.files);
    if (!compiled.ok) throw new Error(`the check set does not compile: ${compiled.problems.join('; ')}`);
    const { code, config, defaults } = compiled;
    const market = canaryMarket(MARKET);
    const bench = boxWorkbench({ code, symbols: config.symbols, frozen, market, limits: LIMITS });
    try {
      const params = { ...defaults, ...config.params };
      const worlds = [
        NEUTRAL,
        { ...NEUTRAL, name: 'costs', costMultiplier: 2 },
        { ...NEUTRAL, name: 'late', delayBars: 1 },
      ];
      const plays = worlds.map((scenario) => ({ params, scenario, detail: 'full' as const }));
      const played = await bench.simulate('train', plays);
      const drawn = [0, 1].map((index) => ({ index, holdMinutes: 1, drift: index === 1 }));
      const summary = { params, scenario: NEUTRAL, detail: 'summary' as const };
      const surrogates = await bench.simulate(
        'train',
        Array.from(drawn, (surrogate) => ({ ...summary, surrogate })),
      );
      const audit = await bench.audit(params, 3);
      if (!played.ok || !surrogates.ok || !audit.ok) throw new Error('the check set was not evaluated');
      const windows = [...frozen.train, ...frozen.selection.flat()].map(({ fingerprint }) => fingerprint);
      const results = [...played.value, ...surrogates.value].map(plainResult);
      return sha256(canonicalJson({ windows, results, audit: audit.value }));
    } finally {
      await bench.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Columns by the hash of their bytes. */
function plainResult(result: SimulationResult): unknown {
  return JSON.parse(
    JSON.stringify(result, (_, value: unknown) => (ArrayBuffer.isView(value) ? sha256(value as Uint8Array) : value)),
  );
}
