import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CallTool, RunSession, SessionEnd } from '../../agent/contract.ts';
import { NO_TURNS } from '../../agent/no-turns.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { seededRandom } from '../../base/random.ts';
import { projectFile } from '../../base/roots.ts';
import { historyOf } from '../../search/memory/history.ts';
import { geneticProposer } from '../../search/proposers/genetic.ts';
import type { ProposedTrial, Proposer } from '../../search/proposers/space.ts';
import { randomProposer, readSpaces } from '../../search/proposers/space.ts';
import { sweepProposer } from '../../search/proposers/sweep.ts';
import type { BaselineOptions, ProposerName } from '../task.ts';

export interface ProposerOptions extends BaselineOptions {
  readonly name: ProposerName;
  readonly projectDir: string;
  /** Symbols of the run; each point is tried on the first. */
  readonly symbols: readonly string[];
}

/** Batches that one session proposes at most, when points are sent back uncharged. */
const ROUNDS = 5;

/**
 * A session without a model: draws parameter points of library strategies and sends them through the same tools, gates,
 * counting and journal as a model's candidates. It runs in the harness, because it only handles texts.
 */
export function proposerSession(options: ProposerOptions): RunSession {
  const library = projectFile(options.projectDir, 'strategies', 'library');
  const spaces = readSpaces(join(library, 'spaces.yaml'));
  const propose: Proposer =
    options.name === 'random'
      ? randomProposer(spaces)
      : options.name === 'ga'
        ? geneticProposer(spaces)
        : sweepProposer(spaces, options.seed);
  return async (spec, { callTool, signal }) => {
    const started = Date.now();
    const random = seededRandom(`${options.seed}/${spec.id}`);
    let calls = 0;
    let tested = 0;
    const call: CallTool = (name, args) => {
      calls += 1;
      return callTool(name, args);
    };
    // Replace points that are sent back as repeats.
    for (let round = 0; round < ROUNDS && tested < options.trialsPerCycle; round++) {
      for (const point of propose(historyOf(options.events()), random, options.trialsPerCycle - tested)) {
        if (signal.aborted) return endOf('aborted', 'aborted by the harness', calls, started);
        if (await tryPoint(point, library, options.symbols, call)) tested += 1;
      }
    }
    await call('finish', { summary: `${options.name}: ${tested} points` });
    if (tested === 0) return endOf('gave_up', `${options.name} has no untried point left`, calls, started);
    return endOf('finished', `${tested} points`, calls, started);
  };
}

/** Whether the point was charged as a trial. */
async function tryPoint(
  { strategy, family, params }: ProposedTrial,
  library: string,
  symbols: readonly string[],
  call: CallTool,
): Promise<boolean> {
  const source = readFileSync(join(library, `${strategy}.ts`), 'utf8');
  const name = `${strategy.slice(0, 38)}-${sha256(canonicalJson(params)).slice(0, 6)}`;
  const yaml = stringify({ strategy: `${name}.ts`, symbols: symbols.slice(0, 1), params });
  await call('register_hypothesis', {
    family,
    hypothesis: `${family} has an edge after costs at ${canonicalJson(params)}`,
    refuted_if: 'sharpe < 0.5',
  });
  await call('write_candidate', { name, strategy: source, yaml });
  return (await call('backtest', { name })).ok;
}

function endOf(reason: SessionEnd['reason'], detail: string, toolCalls: number, started: number): SessionEnd {
  return { ...NO_TURNS, reason, detail, toolCalls, recoveries: {}, seconds: (Date.now() - started) / 1000 };
}
