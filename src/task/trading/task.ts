import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectFile } from '../../base/roots.ts';
import { plain } from '../../gates/check.ts';
import { engineVersion } from '../../gates/engine-version.ts';
import { verdictOf } from '../../gates/route.ts';
import { windowSets } from '../../gates/workbench/window-sets.ts';
import { coverageOf } from '../../market/coverage.ts';
import { nudgesOf } from '../../search/digest/brief.ts';
import { taskLedger } from '../ledger.ts';
import type { TaskOptions } from '../options.ts';
import type { Task } from '../task.ts';
import { blocksOfCycle } from './blocks/drive.ts';
import { briefFor } from './brief.ts';
import { breadthOf } from './context.ts';
import { openLooks } from './forward/between.ts';
import { openMarketLedger, windowsOf } from './ledger.ts';
import { openTrading, publishTrials } from './open.ts';
import { preflight } from './preflight.ts';
import { proposerSession } from './proposer.ts';
import { provenanceOf } from './provenance.ts';
import { tradingTools } from './tools/all.ts';
import { libraryFamilies } from './tools/library.ts';
import { evaluateSubmissions } from './trial/evaluate.ts';

/** Opens the market task: reads its configs, freezes the windows from the database once, and lets go of the database. */
export async function openTradingTask(options: TaskOptions): Promise<Task> {
  const trading = await openTrading(options);
  const { frozen, symbols, gates, spares } = trading;
  const ledger = taskLedger(windowsOf(frozen), gates, () => openMarketLedger(trading));
  return {
    name: 'trading',
    secretFolders: [resolve(options.projectDir, trading.market.dataDir)],
    families: libraryFamilies(options.projectDir, breadthOf(trading)),
    nudges: nudgesOf(readFileSync(projectFile(options.projectDir, 'prompts', 'cycle.md'), 'utf8')).length,
    tools: tradingTools(trading),
    ledger,
    coverage: coverageOf(frozen, (symbol) => trading.market.symbols[symbol]?.session),
    provenance: async () => provenanceOf(trading),
    preflight: () => preflight(trading, engineVersion()),
    brief: async (cycle, room) => {
      // While the session reads and thinks, the processes for its first trial start; each trial asks for those of the next.
      if (spares.size === 0 && !trading.openBench)
        spares.want(windowSets(frozen, { symbols: symbols.slice(0, 1) }, gates.limits));
      return briefFor(cycle, trading, options.promptTokens, room);
    },
    blocks: (cycle, call) => blocksOfCycle(cycle, call, trading),
    evaluate: (submissions, context) => evaluateSubmissions(trading, submissions, context),
    judge: (trials, streak) => withReason(verdictOf(trials, streak, trading.gates)),
    duplicateOf: trading.duplicateOf,
    baseline: (name, baseline) =>
      proposerSession({ ...baseline, name, projectDir: options.projectDir, symbols: trading.symbols }),
    publish: (rows, run) => publishTrials(trading, rows, run),
    forward: openLooks(options),
    close: async () => {
      await trading.held.close();
      await trading.closeFleet?.();
      await trading.spares.close();
      await ledger.close();
    },
  };
}

/** A session that tried nothing must not leave an empty line in the lab book. */
function withReason(verdict: ReturnType<Task['judge']>): ReturnType<Task['judge']> {
  if (verdict.trial !== null) return verdict;
  const reason = plain('static', 'submitted', false, 'policy', 'the session ended without a backtest');
  return { ...verdict, reasons: [reason] };
}
