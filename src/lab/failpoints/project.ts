import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { RunEvent } from '../../journal/events.ts';
import { readJournal } from '../../journal/journal.ts';
import type { Brain } from '../server/brain.ts';
import { compileModules, copyParts, environmentOf, fillFrom, makeRepository } from '../template.ts';

const PARTS = ['package.json', 'ralph.ts', 'src', 'scripts', 'strategies', 'prompts', 'config', '.gitignore'];

/** Notes every run of the evaluation in a file, so that a trial which ran twice is seen, and prints a number. */
const EVALUATOR = `
import { appendFileSync, readFileSync } from 'node:fs';
const content = readFileSync(process.argv[3], 'utf8').trim();
appendFileSync(process.argv[2], content + '\\n');
console.log([...content].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) / 997);
`;

/** A copy of this project whose task is a small command: every part of the loop is real, and a cycle takes a fraction of a second. */
export interface LightProject {
  readonly dir: string;
  run(
    tag: string,
    options: { cycles: number; env?: Record<string, string>; nodeArgs?: string[]; timeoutMs?: number },
  ): Promise<Ended>;
  verb(args: string[], env?: Record<string, string>): Promise<Ended>;
  events(tag: string): RunEvent[];
  /** Contents that the evaluation was run on, in order. */
  evaluated(): string[];
  remove(): void;
}

export interface Ended {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly all: string;
  readonly stdout: string;
}

/** Makes one in an empty folder. */
export async function makeLightProject(dir = mkdtempSync(join(tmpdir(), 'ralph-light-'))): Promise<LightProject> {
  await fillFrom('light', dir, writeProject);
  const log = writeConfig(dir);
  const start = async (
    args: string[],
    env: Record<string, string>,
    nodeArgs: string[] = [],
    timeoutMs = 600_000,
  ): Promise<Ended> => {
    const { exitCode, signal, all, stdout } = await execa(process.execPath, [...nodeArgs, 'ralph.ts', ...args], {
      cwd: dir,
      reject: false,
      extendEnv: false,
      all: true,
      stdin: 'ignore',
      timeout: timeoutMs,
      env: { ...environmentOf(dir), ...env },
    });
    return { exitCode, signal, all: String(all), stdout: String(stdout) };
  };
  return {
    dir,
    run: (tag, { cycles, env = {}, nodeArgs, timeoutMs }) =>
      start(['run', '--tag', tag, '--cycles', String(cycles), '--config', 'config/light'], env, nodeArgs, timeoutMs),
    verb: (args, env = {}) => start(args, env, [], 1_800_000),
    events: (tag) => readJournal(join(dir, 'runs', tag, 'journal.jsonl')),
    evaluated: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

async function writeProject(dir: string): Promise<void> {
  copyParts(dir, PARTS);
  await makeRepository(dir, ['package.json', 'ralph.ts', 'strategies']);
  writeConfig(dir);
  await compileModules(dir, 'config/light');
}

/** Returns the file in which the evaluation notes what it was run on. */
function writeConfig(dir: string): string {
  const log = join(dir, 'evaluated.log');
  writeFileSync(join(dir, 'evaluate.mjs'), EVALUATOR);
  mkdirSync(join(dir, 'config', 'light'), { recursive: true });
  const demo = readFileSync(join(dir, 'config', 'demo', 'ralph.yaml'), 'utf8');
  const task = {
    command: [process.execPath, join(dir, 'evaluate.mjs'), log],
    file: 'answer.txt',
    goal: 'Find a text whose number is high.',
    better: 'higher',
    keepAt: 0.95,
    timeoutSeconds: 120,
  };
  const settings = demo
    .replace(/^task:.*$/m, `task: ${JSON.stringify(task)}`)
    .replace(/idleSeconds: [\d.]+/, 'idleSeconds: 60')
    .replace(/^faultBackoff:.*$/m, 'faultBackoff: { firstSeconds: 0.05, mostSeconds: 0.2 }');
  writeFileSync(join(dir, 'config', 'light', 'ralph.yaml'), settings);
  return log;
}

/** A model that measures one text a session, notes a lesson, answers hints and finishes. No two sessions measure the same. */
export function measurer(): Brain {
  let sessions = 0;
  const started = Date.now().toString(36);
  return ({ messages }) => {
    const task = String(messages.find(({ role }) => role === 'user')?.content ?? '');
    const done = messages.filter(({ role }) => role === 'tool').length;
    if (done === 0) sessions += 1;
    const hints = [...new Set([...task.matchAll(/^Hint \[([\w-]+)\]:/gm)].map(([, id]) => id))];
    const calls = [
      {
        name: 'register_hypothesis',
        args: {
          family: `family-${sessions % 5}`,
          hypothesis: 'Longer texts score higher',
          refuted_if: 'sharpe < 0.5 over 100 trades',
        },
      },
      { name: 'measure', args: { content: `text ${sessions} of ${started}` } },
      ...hints.map((hint) => ({ name: 'answer_hint', args: { hint, accepted: true, why: 'It helps.' } })),
      { name: 'finish', args: { summary: 'measured one text' } },
    ];
    return { calls: [calls[Math.min(done, calls.length - 1)]] };
  };
}
