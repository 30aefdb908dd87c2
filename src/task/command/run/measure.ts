import { lstatSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { messageOf } from '../../../base/errors.ts';
import { plainLine } from '../../../base/plain.ts';
import type { Contract } from '../contract/contract.ts';
import type { Bench } from './bench.ts';
import { type Ended, execute } from './execute.ts';
import { metricLines, NoMetric, readMetrics } from './metrics.ts';
import { tailOf } from './output.ts';
import type { View } from './sandbox.ts';
import { type Arm, keepBuilt, removeAll, resetWrites } from './tree.ts';

/** A measurement that came to nothing: why, in words for the model. */
export class Failed extends Error {
  readonly step: Step;
  readonly killed: boolean;

  constructor(step: Step, message: string, killed = false) {
    super(message);
    this.step = step;
    this.killed = killed;
  }
}

type Step = 'build' | 'run' | 'score' | 'metric' | 'readOnly' | 'guard';

export interface Measuring {
  readonly bench: Bench;
  readonly contract: Contract;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
  /** The days that the commands are to play; those of train where a contract with `returns` is measured without. */
  readonly window?: Window;
}

/** Days, as the commands are told them in RALPH_FROM and RALPH_TO (not included), and what the price files show. */
interface Window {
  readonly from: string;
  readonly to: string;
  readonly replaced: View['replaced'];
}

export interface Measured {
  readonly values: Readonly<Record<string, number>>;
  /** The measured code printed lines that look like metrics; a scorer stands between, so they count for nothing. */
  readonly ignored: number;
  /** The end of what the measured code printed, in a line; '' for nothing. What a scorer printed stays with it: it knows answers. */
  readonly said: string;
  /** A file that was written, for the returns and decisions of a program; it lasts until the next run. Throws Failed. */
  read(from: 'run' | 'score', path: string): string;
}

/** Characters of what a command said, in a message; of a run that went well less is told. */
const MOST_SAID = 1000;
const MOST_TOLD = 400;
const MOST_FILE = 1_000_000;
const MOST_SERIES = 64_000_000;

/** Builds an arm once, where the contract has a build. */
export async function build(arm: Arm, measuring: Measuring): Promise<void> {
  const { bench, contract } = measuring;
  resetWrites(arm, bench.writes);
  if (contract.build === '') return;
  await step('build', contract.build, arm, measuring);
  keepBuilt(arm, bench.writes);
}

/** One run and its score. Throws Failed. */
export async function measure(arm: Arm, seed: string, measuring: Measuring): Promise<Measured> {
  const { bench, contract } = measuring;
  resetWrites(arm, bench.writes);
  const run = await step('run', contract.run, arm, measuring, { seed });
  refuseTouched(arm, measuring);
  const result = join(arm.dir, 'result');
  removeAll(result);
  mkdirSync(result);
  const scored = contract.score !== '';
  writeFileSync(join(result, 'run.txt'), run.stdout);
  const score = scored ? await step('score', contract.score, arm, measuring, { seed, result }) : run;
  const names = Object.keys(contract.metrics);
  const written = (path: string, most: number, scorer: boolean) =>
    scorer ? readWithin(result, path, most) : readWithin(arm.tree, posix.join(bench.place.prefix, path), most);
  try {
    const values = readMetrics(contract.metrics, {
      text: score.stdout,
      seconds: run.seconds,
      file: (path) => written(path, MOST_FILE, scored),
      bytes: (path) => lstatSync(within(arm.tree, posix.join(bench.place.prefix, path))).size,
    });
    const ignored = scored ? names.reduce((sum, name) => sum + metricLines(name, run.stdout).length, 0) : 0;
    const read: Measured['read'] = (from, path) => {
      try {
        return written(path, MOST_SERIES, from === 'score' && scored);
      } catch (thrown) {
        throw new Failed(
          'metric',
          withTail(`${path} of ${from}: ${messageOf(thrown)}`, from === 'score' ? score : run),
        );
      }
    };
    return { values, ignored, said: saidBy(run, MOST_TOLD), read };
  } catch (thrown) {
    if (!(thrown instanceof NoMetric)) throw thrown;
    throw new Failed('metric', withTail(thrown.message, score));
  }
}

/** Runs the command that must pass, such as the tests, and returns what it printed. Throws Failed. */
export async function guard(arm: Arm, measuring: Measuring): Promise<string> {
  const { bench, contract } = measuring;
  if (contract.guard === '') return '';
  resetWrites(arm, bench.writes);
  const ended = await step('guard', contract.guard, arm, measuring);
  const expected = contract.guardExpect;
  const said = `${ended.stdout}\n${ended.stderr}`;
  if (expected !== '' && !new RegExp(expected, 'm').test(said))
    throw new Failed('guard', withTail(`the guard ended well without printing what matches ${expected}`, ended));
  refuseTouched(arm, measuring);
  return said;
}

/** A read-only file that a command changed makes the trial a crash; its copy is thrown away. Throws Failed. */
function refuseTouched(arm: Arm, { bench, contract }: Measuring): void {
  // In the sandbox they cannot change: they are mounted read-only.
  if (contract.sandbox !== 'none') return;
  const touched = bench.touched(arm);
  if (touched.length > 0)
    throw new Failed(
      'readOnly',
      `the run changed read-only files: ${touched.slice(0, 5).join(', ')}; the change is undone`,
    );
}

async function step(
  name: Step,
  command: string,
  arm: Arm,
  { bench, contract, signal, onLine, ...measuring }: Measuring,
  { seed, result }: { seed?: string; result?: string } = {},
): Promise<Ended> {
  const window = measuring.window ?? (contract.returns && { ...contract.returns.train, replaced: [] });
  const ended = await execute({
    command,
    view: bench.view(arm, { result, replaced: window?.replaced }),
    contract,
    budgetSeconds: contract.budgetSeconds,
    signal,
    env: {
      ...(seed && { RALPH_SEED: seed }),
      ...(window && { RALPH_FROM: window.from, RALPH_TO: window.to }),
    },
    onLine,
  });
  if (ended.failure === null) return ended;
  const hint = /read-only file system|EROFS/i.test(ended.stderr)
    ? ` (commands write into ${contract.writes.join(', ') || 'no folder'} and /tmp alone: name the folder under "writes")`
    : '';
  throw new Failed(name, withTail(`${name}: ${ended.failure}${hint}`, ended), ended.killed);
}

function withTail(message: string, ended: Ended): string {
  const said = saidBy(ended, MOST_SAID);
  return said === '' ? message : `${message}; it said: ${said}`;
}

/** The end of both outputs in one line, errors first. Where only one of them has text, all of the room is its own. */
function saidBy({ stdout, stderr }: Ended, most: number): string {
  const texts = [stderr, stdout].map(withoutFrames).filter((text) => text.trim() !== '');
  return texts.map((text) => plainLine(tailOf(text, Math.floor(most / texts.length)))).join(' | ');
}

/** Where the runtime itself threw, and its own stack frames, say nothing of the change and would fill the room for what does. */
function withoutFrames(text: string): string {
  return text.replaceAll(/^(node:.*:\d+\n.*\n\s*\^|\s+at .*\bnode:.*|Node\.js v\d.*)$\n?/gm, '');
}

/** A file that a command wrote, within a folder and no link out of it. */
function within(folder: string, path: string): string {
  const target = realpathSync(join(folder, path));
  if (!target.startsWith(realpathSync(folder) + sep)) throw new NoMetric(`${path} is a link that leaves its folder`);
  if (!lstatSync(target).isFile()) throw new NoMetric(`${path} is no file`);
  return target;
}

function readWithin(folder: string, path: string, most: number): string {
  const target = within(folder, path);
  if (lstatSync(target).size > most) throw new NoMetric(`${path} is larger than ${most} bytes`);
  return readFileSync(target, 'utf8');
}
