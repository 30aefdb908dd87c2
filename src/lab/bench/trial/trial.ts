import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpares, type Spares } from '../../../backtest/box/spares.ts';
import { closing } from '../../../base/closing.ts';
import { PACKAGE_ROOT } from '../../../base/roots.ts';
import { type GatesConfig, readGatesConfig } from '../../../gates/config.ts';
import { emptyHistory } from '../../../gates/history.ts';
import type { StageOutcome } from '../../../gates/judge.ts';
import { evaluateCandidate } from '../../../gates/pipeline.ts';
import type { Figures } from '../figures.ts';
import { SYMBOL, trialMarket, trialSource, trialWindows } from './trial-market.ts';

const ROUNDS = 6;

/**
 * A whole trial by the harness's own road, from two texts to KEEP, in wall milliseconds: windows' fingerprints, policy, types,
 * transform, causality with 20 cuts, smoke, 2 years of 1-minute bars, 4 stressed worlds, 8 neighbours, statistics, 4 folds.
 * Each trial is another text, so that nothing of one serves the next but the warm compiler. `first of all` is that of a cold process.
 * The candidate's null, hundreds of simulations that few trials come to, is a figure of its own: once, with as many as its gate asks for at first.
 */
export async function benchTrial(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const spares = openSpares();
  try {
    const { trial, nullOf } = prepare(folder);
    const cold = await withoutReady((pool) => trial('cold', pool));
    const without = await best((round) => withoutReady((pool) => trial(`without ${round}`, pool)));
    // A trial asks for the processes of the next; in a run they start while the model thinks.
    await trial('to fill the pool', spares);
    const ready = await best(async (round) => {
      await spares.settled();
      return trial(`ready ${round}`, spares);
    });
    const stages = Object.entries(ready).map(([stage, ms]) => [`trial.${stage}`, { milliseconds: tenths(ms) }]);
    return {
      ...Object.fromEntries(stages),
      'trial.null': await nullOf(),
      'trial.total, no process ready': { milliseconds: tenths(without.total) },
      'trial.total, first of all': { milliseconds: tenths(cold.total) },
    };
  } finally {
    await spares.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A trial that finds an empty pool, as the first one of a run does when its processes were not started before. */
async function withoutReady(trial: (pool: Spares) => Promise<Stages>): Promise<Stages> {
  await using pool = closing(openSpares());
  return await trial(pool);
}

type Stages = Record<string, number> & { total: number };

function prepare(folder: string) {
  const frozen = trialWindows(folder);
  const configDir = join(PACKAGE_ROOT, 'config');
  const gates = readGatesConfig(join(configDir, 'gates.yaml'));
  const market = trialMarket(configDir);
  const evaluate = async (salt: string, config: GatesConfig, spares?: Spares): Promise<StageOutcome> => {
    const files = {
      name: 'bench',
      source: `// ${salt}\n${trialSource}`,
      yaml: `strategy: bench.ts\nsymbols: [${SYMBOL}]\n`,
    };
    const history = emptyHistory();
    return evaluateCandidate({ files, params: {}, frozen, market, gates: config, history, spares });
  };
  return {
    trial: async (salt: string, spares?: Spares): Promise<Stages> => {
      const started = performance.now();
      const { outcome, stageMs, gates: passed } = await evaluate(salt, { ...gates, off: ['null'] }, spares);
      const total = performance.now() - started;
      if (outcome === 'keep') return { ...stageMs, total };
      throw new Error(`the bench strategy was not kept: ${passed.at(-1)?.message}`);
    },
    nullOf: async () => {
      const { count } = gates.surrogates;
      const { stageMs, metrics } = await evaluate('null', {
        ...gates,
        surrogates: { ...gates.surrogates, most: count, held: 0 },
      });
      const milliseconds = stageMs.null ?? Number.NaN;
      const surrogates = (metrics.nullSurrogates ?? 0) + (metrics.nullDriftSurrogates ?? 0);
      return { milliseconds: tenths(milliseconds), surrogates, millisecondsEach: tenths(milliseconds / surrogates) };
    },
  };
}

async function best(trial: (round: number) => Promise<Stages>): Promise<Stages> {
  let found = await trial(0);
  for (let round = 1; round < ROUNDS; round++) {
    const next = await trial(round);
    if (next.total < found.total) found = next;
  }
  return found;
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
