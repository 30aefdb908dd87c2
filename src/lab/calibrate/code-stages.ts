import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCanaries } from '../../gates/canaries/canaries.ts';
import { freezeBars } from '../../gates/canaries/market.ts';
import type { GatesConfig } from '../../gates/config.ts';
import { emptyHistory } from '../../gates/history.ts';
import { evaluateCandidate } from '../../gates/pipeline.ts';
import { STAGES, type Stage } from '../../gates/verdict.ts';
import { readMarketConfig } from '../../market/config.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { CHEAPEST, calibrationMarket, NOISE } from './ground.ts';
import type { Space } from './search/search.ts';
import { standardRanges } from './search/windows.ts';

/** What the two stages that are about code did with candidates in their own process, as in production. */
export interface CodeStages {
  /** The shipped library, none of which looks ahead: whatever ends here is a false alarm. */
  readonly library: { readonly candidates: number; readonly ended: Counts; readonly ms: Counts };
  /** Strategies that must be rejected (src/gates/canaries), and the stage that did it. */
  readonly canaries: { readonly candidates: number; readonly ended: Counts };
}
type Counts = Partial<Record<Stage, number>>;

/** The stages that searches leave out, because they would say the same of every trusted strategy. */
export const CODE_STAGES: readonly Stage[] = ['static', 'causality'];

/** Symbol that the library's YAML files name. */
const SYMBOL = 'BTCUSD';

/**
 * Sends the library, compiled from its files, through static and causality in evaluation processes on one market of noise, and the
 * canaries through all stages. Bars of 15 minutes: some of the library decide that often. About two seconds a strategy.
 */
export async function playCodeStages(
  spaces: readonly Pick<Space, 'name'>[],
  { libraryDir, configDir }: { readonly libraryDir: string; readonly configDir: string },
  gates: GatesConfig,
): Promise<CodeStages> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-calibrate-'));
  try {
    const config = readMarketConfig(join(configDir, 'market.yaml'));
    const { train, warmupMs } = standardRanges(NOISE.start);
    const { bars } = simulateMarket({ ...NOISE, barMinutes: 15, seed: 'code stages' });
    const window = { symbol: SYMBOL, range: train, warmupMs, path: join(dir, 'train.bars') };
    const frozen = { train: [freezeBars(bars, window)], selection: [] };
    const { cash, sizing } = calibrationMarket();
    const market = { ...config, cash, sizing, symbols: { [SYMBOL]: CHEAPEST } };
    const only = { ...gates, off: STAGES.filter((stage) => !CODE_STAGES.includes(stage)) };
    const ended: Counts = {};
    const ms: Counts = {};
    for (const { name } of spaces) {
      const file = (ending: string) => readFileSync(join(libraryDir, `${name}.${ending}`), 'utf8');
      const files = { name, source: file('ts'), yaml: file('yaml') };
      const outcome = await evaluateCandidate({
        frozen,
        market,
        gates: only,
        files,
        params: {},
        history: emptyHistory(),
      });
      const failed = outcome.gates.find(({ passed }) => !passed)?.stage;
      if (failed && CODE_STAGES.includes(failed)) ended[failed] = (ended[failed] ?? 0) + 1;
      for (const stage of CODE_STAGES) ms[stage] = (ms[stage] ?? 0) + (outcome.stageMs[stage] ?? 0);
    }
    const canaries = await runCanaries(config, gates);
    const caught: Counts = {};
    for (const { stage } of canaries) if (stage) caught[stage] = (caught[stage] ?? 0) + 1;
    return {
      library: { candidates: spaces.length, ended, ms },
      canaries: { candidates: canaries.length, ended: caught },
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
