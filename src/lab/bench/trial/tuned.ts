import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCandidate } from '../../../backtest/compile/compile.ts';
import { PACKAGE_ROOT } from '../../../base/roots.ts';
import { readGatesConfig } from '../../../gates/config.ts';
import { trainRequest } from '../../../gates/stages/stage.ts';
import { walkForward } from '../../../gates/tuning/walk.ts';
import { boxWorkbench } from '../../../gates/workbench/box-workbench.ts';
import type { Figures } from '../figures.ts';
import { SYMBOL, trialMarket, trialSource, trialWindows } from './trial-market.ts';

const ROUNDS = 3;

/**
 * Tuning 4 x 64 points over two years of minutes in the evaluation processes, beside one bare simulation of the window in the same processes. Each part
 * sees its own past alone: 256 points are 128 whole windows. Wall time, so the machine must be quiet.
 */
export async function tunedBench(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const configDir = join(PACKAGE_ROOT, 'config');
  const gates = readGatesConfig(join(configDir, 'gates.yaml'));
  const source = trialSource
    .replace('hours: 24', 'hours: range(4, 96, { log: true })')
    .replace('stopAtr: 6, calm: 0.002', 'stopAtr: range(2, 10, { step: .5 }), calm: range(0.0005, 0.02)');
  const yaml = `strategy: bench.ts\nsymbols: [${SYMBOL}]\n`;
  const compiled = await compileCandidate({ name: 'bench', source, yaml });
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  const frozen = trialWindows(folder);
  const { code, axes, defaults } = compiled;
  const bench = boxWorkbench({ code, symbols: [SYMBOL], frozen, market: trialMarket(configDir), limits: gates.limits });
  try {
    const train = frozen.train[0].range;
    const fixed = { atrBars: defaults.atrBars };
    const walkOf = async (seed: string) => {
      const started = performance.now();
      const walk = await walkForward(bench, { axes, fixed, seed }, train, gates);
      if (!walk.ok) throw new Error(walk.message);
      return performance.now() - started;
    };
    const bareOf = async () => {
      const started = performance.now();
      const answer = await bench.simulate('train', [trainRequest({ params: defaults, train })]);
      if (!answer.ok) throw new Error(answer.message);
      return performance.now() - started;
    };
    const first = await walkOf('first');
    let [tuned, bare] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      bare = Math.min(bare, await bareOf(), await bareOf(), await bareOf());
      tuned = Math.min(tuned, await walkOf(`round ${round}`));
    }
    const points = gates.tuning.steps * gates.tuning.evaluations;
    return {
      'tuned trial, first of its processes': { milliseconds: Math.round(first) },
      [`tuned trial, ${gates.tuning.steps} x ${gates.tuning.evaluations} points`]: {
        milliseconds: Math.round(tuned),
        bareMilliseconds: bare,
        timesBareSimulation: tuned / points / bare,
      },
    };
  } finally {
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
