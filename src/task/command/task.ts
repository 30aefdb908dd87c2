import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { say } from '../../base/draw/terminal.ts';
import { messageOf, RalphError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { median } from '../../base/numbers.ts';
import { plainLine } from '../../base/plain.ts';
import { projectFile } from '../../base/roots.ts';
import { plain } from '../../gates/check.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { feasibilityOf, refuseImpossible } from '../../gates/feasibility.ts';
import type { TrialHistory } from '../../gates/history.ts';
import type { RalphEvent, RunEvent } from '../../journal/events.ts';
import { originOf } from '../../journal/git/branch.ts';
import { must } from '../../journal/git/command.ts';
import { openObjects } from '../../journal/objects.ts';
import { digits } from '../../journal/projections/measured.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { duplicateOf } from '../../search/memory/duplicates.ts';
import { configPath } from '../config-path.ts';
import { earlierTrials } from '../earlier.ts';
import type { TaskOptions } from '../options.ts';
import type { EvaluationContext, Streak, Task, TrialResult } from '../task.ts';
import { sharedTools } from '../tools/shared.ts';
import { blocksOfProject } from './blocks.ts';
import { headOf, systemText, taskText } from './brief.ts';
import type { Contract } from './contract/contract.ts';
import { windowsOf } from './contract/returns.ts';
import { evaluate, measureBaseline } from './evaluate.ts';
import { placeOf } from './place.ts';
import { rulesOf } from './provenance.ts';
import { baselineOf, bestOf } from './ratchet/best.ts';
import { column } from './ratchet/judge.ts';
import { evaluateReturns } from './returns/evaluate.ts';
import { returnsLedger } from './returns/ledger.ts';
import { type Bench, openBench } from './run/bench.ts';
import { Failed } from './run/measure.ts';
import { requireSandbox } from './run/sandbox.ts';
import { projectTools } from './tools.ts';

/** Tokens of the brief on the blocks wire, beside the file. */
const BLOCKS_TOKENS = 600;

/** Cycles in a row that may work on a candidate which crashed. */
const MOST_FIXES = 2;

/** Any repository and a number: sessions change its files, and what beats the best by more than the noise is kept. */
export async function openProjectTask(options: TaskOptions, contract: Contract): Promise<Task> {
  const { projectDir, configDir, runDir, promptTokens } = options;
  const { returns } = contract;
  const gates = readGatesConfig(configPath(projectDir, configDir, 'gates.yaml'));
  requireSandbox(contract);
  const place = await placeOf(projectDir);
  const system = systemText(readFileSync(projectFile(projectDir, 'prompts', 'project.md'), 'utf8'), contract);
  const closing = new AbortController();
  const sitting = pLimit(1);
  const kills = new Map<string, number>();
  let opened: Bench | undefined;
  const bench = (): Bench => {
    if (opened === undefined) throw new Error('the project is used before provenance() has opened it');
    return opened;
  };
  const open = async (): Promise<Bench> => {
    opened ??= await openBench({
      place,
      commit: originOf(runDir)?.base ?? (await must(place.repository, ['rev-parse', 'HEAD'])),
      contract,
      dir: join(runDir, 'bench'),
      signal: closing.signal,
      say,
    });
    return opened;
  };
  const onLine = process.stderr.isTTY ? progress() : undefined;
  const measuring = (signal: AbortSignal) => ({ bench: bench(), contract, signal, onLine });
  return {
    name: 'project',
    families: [],
    nudges: 0,
    tools: [...sharedTools(projectDir), ...projectTools(bench)],
    ledger: returns ? returnsLedger(projectDir, configDir, returns, gates, () => bench().heldBack) : null,
    coverage: [],
    provenance: async () => ({ ...rulesOf({ contract, bench: await open(), gates }), prompts: sha256(system) }),
    preflight: async () => {
      if (returns) {
        await open();
        refuseImpossible(feasibilityOf(windowsOf(returns), gates, 1));
        if (returns.decisions === '')
          say('returns.decisions is empty: a program that looks one step ahead cannot be told from an honest one');
      }
      if (contract.sandbox === 'none')
        say(
          'sandbox: none: what the model writes runs with your rights, and what it prints is only as good as its word',
        );
      if (contract.score === '' && readsOutput(contract))
        say('the contract has no score command: the measured code itself prints the numbers, so it could print any');
    },
    begin: (events) => baselineEvent(events, runDir, contract, () => measuring(closing.signal)),
    brief: async (cycle) => {
      return { system, task: taskText(cycle, contract, bench(), promptTokens) };
    },
    blocks: (cycle, call) => {
      const task = headOf(cycle, contract, BLOCKS_TOKENS).join('\n');
      return blocksOfProject(cycle, call, { projectDir, contract, bench: bench(), task });
    },
    evaluate: (submissions, context) =>
      sitting(async () => {
        const { events, charged, signal } = context;
        await open();
        return Array.fromAsync(submissions, (submission, i) => {
          const { trial, n } = charged[i];
          const sat = { ...measuring(signal), events, objects: openObjects(runDir), trial, n, kills };
          if (!returns) return evaluate(submission, sat);
          return evaluateReturns(submission, sat, { gates, history: historyOf(context, i) });
        });
      }),
    judge,
    keptPaths: true,
    duplicateOf: (submission, events) => duplicateOf(submission, events),
    close: async () => {
      closing.abort();
      opened?.remove();
    },
  };
}

/** What a trial of a program with returns is judged against. */
function historyOf(context: EvaluationContext, index: number): TrialHistory {
  const { n, looks, rivals = [], trainOnly } = context.charged[index];
  return {
    trials: n,
    earlier: [...rivals, ...earlierTrials(context)],
    looks: looks ?? stateOf(context.events).lookCount,
    trainOnly,
    look: () => context.look(index),
  };
}

/** Cycle 0: the baseline, once a segment. Throws RalphError when it cannot be measured. */
async function baselineEvent(
  events: readonly RunEvent[],
  runDir: string,
  contract: Contract,
  measuring: () => Parameters<typeof measureBaseline>[1],
): Promise<RalphEvent | null> {
  if (baselineOf(events)) return null;
  const best = bestOf(events, openObjects(runDir));
  say(`cycle 0 measures the baseline: ${contract.run}`);
  const { samples, seconds } = await measureBaseline(best.changed, measuring()).catch(refuseBaseline);
  const values = Object.fromEntries(Object.keys(contract.metrics).map((name) => [name, median(column(samples, name))]));
  const told = Object.entries(values).map(([name, value]) => `${name} ${digits(value)}`);
  say(`baseline: ${told.join(', ')}`);
  const { primary, sandbox, score } = contract;
  return {
    type: 'baseline.measured',
    metric: primary,
    better: contract.metrics[primary].better,
    values,
    all: column(samples, primary),
    trial: best.trial,
    sandbox,
    scored: score !== '',
    ...(contract.returns && { judged: true }),
    seconds,
  };
}

/** Throws RalphError for a baseline that came to nothing. */
export function refuseBaseline(thrown: unknown): never {
  if (!(thrown instanceof Failed)) throw thrown;
  throw new RalphError(`the project as it is cannot be measured: ${messageOf(thrown)}`, {
    remedy:
      'Run the commands of ralph/ralph.yaml by hand in a fresh clone, or see what is wrong with: ralph setup --check',
    cause: thrown,
  });
}

/** Whether any metric is read from what is printed or written, which the measured code could fake without a scorer. */
export function readsOutput({ metrics }: Contract): boolean {
  return Object.values(metrics).some(
    ({ from }) => from !== 'seconds' && !(typeof from === 'object' && 'bytes' in from),
  );
}

/** The last keep, else what came nearest; a crash is fixed a few times. */
function judge(trials: readonly TrialResult[], streak: Streak): ReturnType<Task['judge']> {
  const rank = { keep: 2, discard: 1, crash: 0 };
  const best = trials.toReversed().sort((a, b) => rank[b.evaluation.outcome] - rank[a.evaluation.outcome])[0];
  if (!best) {
    const message = 'the session ended without a measurement';
    const reason = { ...plain('smoke', 'runs', false, 'no_edge', message), gate: 'project.runs' };
    return { outcome: 'discard', route: 'new', reasons: [reason], trial: null };
  }
  const { outcome, gates } = best.evaluation;
  const failed = gates.filter(({ passed }) => !passed);
  const route = outcome === 'crash' && streak.fixes < MOST_FIXES ? 'fix' : 'new';
  return { outcome, route, reasons: failed.length > 0 ? failed : gates.slice(-1), trial: best.trial };
}

/** Lines of a run on the terminal, at most two a second. */
function progress(): (line: string) => void {
  let last = 0;
  return (line) => {
    if (performance.now() - last < 500) return;
    last = performance.now();
    say(`  | ${plainLine(line, 160)}`);
  };
}
