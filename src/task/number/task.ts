import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { say } from '../../base/draw/terminal.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { plainLine } from '../../base/plain.ts';
import { projectFile } from '../../base/roots.ts';
import { awakeLimit } from '../../base/wait/awake.ts';
import { plain } from '../../gates/check.ts';
import type { GateResult } from '../../gates/verdict.ts';
import { openObjects } from '../../journal/objects.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { activeHints } from '../../search/hints/hints.ts';
import { duplicateOf } from '../../search/memory/duplicates.ts';
import type { CommandTaskConfig, TaskOptions } from '../options.ts';
import {
  type Cycle,
  type Evaluation,
  type Submission,
  type Task,
  type TaskTool,
  type TrialResult,
  unmeasured,
} from '../task.ts';
import { registered } from '../tools/hypothesis.ts';
import { sharedTools } from '../tools/shared.ts';
import { answer, refuse, texts } from '../tools/tool.ts';
import { countKill } from '../world-fault.ts';

/** The smallest subject: a file, a command, a number and a threshold. It shows that the loop knows nothing of trading. */
export async function openNumberTask({ projectDir, runDir }: TaskOptions, config: CommandTaskConfig): Promise<Task> {
  const system = readFileSync(projectFile(projectDir, 'prompts', 'command.md'), 'utf8')
    .replaceAll('{{goal}}', config.goal)
    .replaceAll('{{file}}', config.file);
  const kills: Kills = new Map();
  return {
    name: 'command',
    families: [],
    nudges: 0,
    tools: [...sharedTools(projectDir), measureTool(config)],
    ledger: null,
    coverage: [],
    provenance: async () => ({ command: sha256(canonicalJson(config)), prompts: sha256(system) }),
    preflight: async () =>
      say(
        `task: { command, keepAt } is the older form. The newer one measures against the noise and in a sandbox; \`ralph setup\` writes it, here as\n${newerForm(config)}`,
      ),
    brief: async (cycle) => ({ system, task: taskText(cycle, runDir, config) }),
    evaluate: (submissions, { signal }) =>
      Promise.all(submissions.map((submission) => measure(submission, config, signal, kills))),
    judge: (trials) => judge(trials),
    duplicateOf: (submission, events) => duplicateOf(submission, events),
    close: async () => {},
  };
}

function measureTool(config: CommandTaskConfig): TaskTool {
  return {
    name: 'measure',
    description: `Writes ${config.file} and runs the command on it. Spends one trial.`,
    parameters: texts({ content: `The whole of ${config.file}.` }),
    async run(args, cycle) {
      const hypothesis = registered(cycle);
      if (!hypothesis) return refuse('Register a hypothesis first: call register_hypothesis.');
      const content = typeof args.content === 'string' ? args.content : '';
      if (content.trim() === '') return refuse(`content must be the whole of ${config.file}.`);
      if (cycle.trialsLeft() < 1) return refuse('No trial is left. Call finish.');
      const change = { files: { [config.file]: content }, params: {}, fingerprint: sha256(content) };
      const [trial] = await cycle.runTrials([{ candidate: config.file, ...hypothesis, ...change }]);
      return answer(trial.evaluation.gates.map(({ message }) => message).join('\n'));
    },
  };
}

/** A command that prints more is ended. */
const MOST_CHARACTERS = 1_000_000;

type Kills = Map<string, number>;

async function measure(
  submission: Submission,
  config: CommandTaskConfig,
  signal: AbortSignal,
  kills: Kills,
): Promise<Evaluation> {
  const started = performance.now();
  const late = new AbortController();
  // A machine that slept is no slow command.
  using ends = new DisposableStack();
  const limit = awakeLimit(config.timeoutSeconds * 1000, () => late.abort());
  ends.defer(() => limit.clear());
  using folder = mkdtempDisposableSync(join(tmpdir(), 'ralph-command-'));
  const path = join(folder.path, config.file);
  writeFileSync(path, submission.files[config.file]);
  const [program, ...args] = config.command;
  const run = await execa(program, [...args, path], {
    cancelSignal: AbortSignal.any([signal, late.signal]),
    reject: false,
    maxBuffer: MOST_CHARACTERS,
    forceKillAfterDelay: 1000,
  });
  const seconds = (performance.now() - started) / 1000;
  if (run.signal === 'SIGKILL' && !run.isCanceled && !run.isMaxBuffer) countKill(kills, submission.fingerprint);
  const value = Number(run.stdout.trim().split('\n').at(-1) || Number.NaN);
  if (run.failed || !Number.isFinite(value))
    return evaluation(
      crashed(
        late.signal.aborted
          ? `no answer within ${config.timeoutSeconds} s`
          : run.isMaxBuffer
            ? `the command printed more than ${MOST_CHARACTERS} characters; expected a number in its last line`
            : plainLine((run.stderr || run.stdout || 'no output').slice(-300)),
      ),
      null,
      seconds,
    );
  return evaluation(compared(value, config), value, seconds);
}

function compared(value: number, { better, keepAt }: CommandTaskConfig): GateResult {
  const passed = better === 'higher' ? value >= keepAt : value <= keepAt;
  const gap = passed ? 0 : Math.abs(value - keepAt) / Math.max(Math.abs(keepAt), Number.EPSILON);
  const message = `value ${value} ${passed ? 'reaches' : 'misses'} ${keepAt}`;
  return {
    stage: 'train',
    gate: 'command.value',
    passed,
    value,
    threshold: keepAt,
    side: better === 'higher' ? 'min' : 'max',
    gap,
    class: passed ? null : 'no_edge',
    message,
  };
}

function crashed(message: string): GateResult {
  return { ...plain('smoke', 'runs', false, 'crash', message), gate: 'command.runs' };
}

function evaluation(gate: GateResult, value: number | null, seconds: number): Evaluation {
  const outcome = gate.class === 'crash' ? 'crash' : gate.passed ? 'keep' : 'discard';
  const none = unmeasured(outcome, [gate], seconds);
  return { ...none, metrics: { value }, score: value, fingerprint: value === null ? null : sha256(String(value)) };
}

function judge(trials: readonly TrialResult[]): ReturnType<Task['judge']> {
  const rank = { keep: 2, discard: 1, crash: 0 };
  const best = [...trials].sort((a, b) => rank[b.evaluation.outcome] - rank[a.evaluation.outcome])[0];
  if (!best)
    return {
      outcome: 'discard',
      route: 'new',
      reasons: [crashed('the session ended without a measurement')],
      trial: null,
    };
  const { outcome, gates } = best.evaluation;
  return { outcome, route: outcome === 'crash' ? 'fix' : 'new', reasons: gates, trial: best.trial };
}

function taskText(cycle: Cycle, runDir: string, config: CommandTaskConfig): string {
  const results = cycle.events.flatMap((event) => (event.type === 'trial.finished' ? [event] : []));
  const sign = config.better === 'higher' ? 1 : -1;
  const best = [...results].filter(({ score }) => score !== null).sort((a, b) => sign * (b.score! - a.score!))[0];
  const files = stateOf(cycle.events).byTrial.get(best?.trial ?? '')?.started.files;
  const content = files && openObjects(runDir).get(files[config.file]).toString('utf8');
  return [
    `Cycle ${cycle.id}: ${cycle.directive.why}. ${cycle.trialsLeft()} trials. Keep at ${config.keepAt} (${config.better} is better).`,
    ...activeHints(cycle.events, cycle.id).map(({ id, text }) => `Hint [${id}]: ${text}`),
    ...results
      .slice(-10)
      .map(({ trial, outcome, gates }) => `${trial} ${outcome}: ${gates.map(({ message }) => message).join('; ')}`),
    ...(content ? [`Best so far (${best.score}):\n${content}`] : []),
  ].join('\n');
}

/**
 * The same task in the form that `ralph setup` writes, as a block of ralph.yaml. `keepAt` has no counterpart: kept is what beats the best so
 * far, from the committed file on.
 */
export function newerForm({ command, file, goal, better, timeoutSeconds }: CommandTaskConfig): string {
  const run = [...command, file].map((part) => (/^[\w./-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`));
  const task = {
    goal,
    editable: [file],
    run: run.join(' '),
    metrics: { value: { from: { pattern: '^(\\S+)$' }, better } },
    primary: 'value',
    budgetSeconds: timeoutSeconds,
  };
  return stringify({ task }, { lineWidth: 0 }).trimEnd();
}
