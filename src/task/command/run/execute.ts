import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { killGroup } from '../../../base/kill.ts';
import { awakeLimit } from '../../../base/wait/awake.ts';
import type { Contract } from '../contract/contract.ts';
import { Output } from './output.ts';
import { confined, resultPath, type View } from './sandbox.ts';
import { endMarked, watchUse } from './watch.ts';

/** How a command ended. */
export interface Ended {
  /** Why it failed, in words for the model; null when it ended well. */
  readonly failure: string | null;
  /** It was killed by somebody else than this harness: most likely for memory. */
  readonly killed: boolean;
  /** Wall time of the command. */
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Execution {
  readonly command: string;
  readonly view: View;
  readonly contract: Contract;
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Each line as it comes, for a person who watches. */
  readonly onLine?: (line: string) => void;
}

/** What is still in the pipes when a command has ended is read for so long. */
const DRAIN_MS = 500;

/** Characters of a line without an end that are kept for who watches. */
const LONGEST_LINE = 10_000;

/** Runs one shell command of the contract to its end. Whatever it started ends with it, also what left its group or holds its output. */
export async function execute(execution: Execution): Promise<Ended> {
  const { command, view, contract, budgetSeconds, signal, onLine } = execution;
  const mark = randomBytes(8).toString('hex');
  const result = resultPath(view, contract.sandbox);
  const env = { ...execution.env, ...(result && { RALPH_RESULT: result, RALPH_OUTPUT: join(result, 'run.txt') }) };
  const bare = contract.sandbox === 'none';
  const [program, ...args] = bare ? ['/bin/sh', '-c', command] : confined(command, view, contract, env);
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: bare ? join(view.tree, view.below) : '/',
    env: bare ? { ...plainEnvironment(view), ...env, RALPH_EXPERIMENT: mark } : { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stopped: string | null = null;
  const end = (why: string) => {
    stopped ??= why;
    killGroup(child.pid);
  };
  using ends = new DisposableStack();
  const limit = awakeLimit(budgetSeconds * 1000, () => end(`it did not end within ${budgetSeconds} s`));
  ends.defer(() => limit.clear());
  const watch = watchUse(child.pid ?? 0, contract.limits, watched(view), end);
  ends.defer(() => watch.stop());
  ends.use(addAbortListener(signal, () => end('it was stopped')));
  const [stdout, stderr] = [new Output(), new Output()];
  for (const [stream, output] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => output.add(chunk));
    if (onLine) passLines(stream, onLine);
    stream.on('error', () => {});
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exit = await new Promise<{ code: number | null; signal: string | null; thrown?: Error }>((resolve) => {
    child.once('error', (thrown) => resolve({ code: null, signal: null, thrown }));
    child.once('exit', (code, name) => resolve({ code, signal: name }));
  });
  const seconds = (performance.now() - started) / 1000;
  killGroup(child.pid);
  if (bare) endMarked(`RALPH_EXPERIMENT=${mark}`);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
  child.stdout.destroy();
  child.stderr.destroy();
  stopped ??= watch.written();
  const killed = stopped === null && (exit.signal === 'SIGKILL' || exit.code === 137);
  const failure =
    stopped ??
    exit.thrown?.message ??
    (exit.signal ? `it was ended by ${exit.signal}` : exit.code === 0 ? null : `it ended with exit code ${exit.code}`);
  return { failure, killed, seconds, stdout: stdout.text, stderr: stderr.text };
}

/** Folders whose size counts: those inside the sandbox have a size of their own. */
function watched({ tree, writes, result }: View): string[] {
  return [...writes.map((name) => join(tree, name)), ...(result ? [result] : [])];
}

/** Without a sandbox: nothing of Ralph's keys, and no repository around the tree. */
function plainEnvironment({ tree }: View): Record<string, string> {
  const { PATH = '/usr/bin:/bin', HOME = '/', LANG = 'C.UTF-8', JAVA_HOME } = process.env;
  return { PATH, HOME, LANG, TMPDIR: tmpdir(), GIT_CEILING_DIRECTORIES: tree, ...(JAVA_HOME && { JAVA_HOME }) };
}

/** Whole lines as they come, also those that a progress bar draws over each other. */
function passLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  const pass = (line: string) => {
    const plain = stripVTControlCharacters(line);
    if (plain.trim() !== '') onLine(plain);
  };
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/[\r\n]+/);
    rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    lines.forEach(pass);
  });
  stream.once('close', () => pass(rest));
}
