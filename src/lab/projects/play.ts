import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { counted, percent } from '../../base/numbers.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import type { EventOf } from '../../journal/events.ts';
import { readJournal } from '../../journal/journal.ts';
import { changeText, digits, measuredBy } from '../../journal/projections/measured.ts';
import { type Change, changesFrom, changesModel } from '../scripted/changes.ts';
import type { Brain } from '../server/brain.ts';
import { startModelServer } from '../server/serve.ts';
import { makeRepository } from '../template.ts';

const EXAMPLES = join(PACKAGE_ROOT, 'strategies', 'projects');

export function exampleNames(): string[] {
  return readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** An example in a repository of its own, outside of this checkout. */
export interface PlayedProject {
  readonly dir: string;
  ralph(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; all: string }>;
  remove(): void;
}

/** Copies an example and what it would install. */
async function copyExample(name: string): Promise<PlayedProject> {
  const dir = mkdtempSync(join(tmpdir(), `ralph-${name}-`));
  cpSync(join(EXAMPLES, name), dir, { recursive: true });
  rmSync(join(dir, 'model.json'), { force: true });
  const environment = pythonFor(name);
  if (environment) cpSync(environment, join(dir, '.venv'), { recursive: true, verbatimSymlinks: true });
  if (/"esbuild"/.test(existsSync(join(dir, 'package.json')) ? readFileSync(join(dir, 'package.json'), 'utf8') : ''))
    installEsbuild(join(dir, 'node_modules'));
  await makeRepository(dir, ['-A']);
  return {
    dir,
    ralph: async (...args) => {
      const { exitCode, stdout, all } = await execa(process.execPath, [join(PACKAGE_ROOT, 'ralph.ts'), ...args], {
        cwd: dir,
        reject: false,
        all: true,
        stdin: 'ignore',
        env: { NO_COLOR: '1', WANDB_API_KEY: '' },
      });
      return { exitCode, stdout: String(stdout), all: String(all) };
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The packages of an example, as its requirements.txt names them. */
function needs(name: string): string[] {
  const path = join(EXAMPLES, name, 'requirements.txt');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

const can = (python: string, packages: readonly string[]) =>
  spawnSync(python, ['-c', packages.map((each) => `import ${each}`).join('\n')], { stdio: 'ignore' }).status === 0;

/** Where an environment made for an example is kept. */
const kept = (name: string) => join(PACKAGE_ROOT, '.data', 'python', name);

/** A Python environment with what an example needs; null where the machine's own Python has it, or it needs none. */
function pythonFor(name: string): string | null {
  const packages = needs(name);
  return packages.length === 0 || can('python3', packages) ? null : kept(name);
}

/** Why an example cannot run here; false where it can. */
export function missingFor(name: string): string | false {
  const packages = needs(name);
  const there = ['python3', join(kept(name), 'bin', 'python')];
  if (packages.length === 0 || there.some((python) => can(python, packages))) return false;
  return `Python lacks ${packages.join(', ')}; install it with: npm run examples -- ${name}`;
}

/** Installs what an example needs into an environment of its own below `.data`. Throws with what pip said. */
export function installFor(name: string): void {
  if (missingFor(name) === false) return;
  rmSync(kept(name), { recursive: true, force: true });
  for (const [program, ...args] of [
    ['python3', '-m', 'venv', kept(name)],
    [join(kept(name), 'bin', 'pip'), 'install', '--quiet', ...needs(name)],
  ]) {
    const done = spawnSync(program, args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${[program, ...args].join(' ')}: ${done.stderr || done.error?.message}`);
  }
}

/** What `npm install` would bring, without a network: this checkout has it. */
function installEsbuild(modules: string): void {
  const from = join(PACKAGE_ROOT, 'node_modules');
  const platform = readdirSync(join(from, '@esbuild'));
  mkdirSync(modules, { recursive: true });
  for (const name of ['esbuild', ...platform.map((each) => join('@esbuild', each))])
    cpSync(join(from, name), join(modules, name), { recursive: true });
}

export interface Played {
  readonly baseline: EventOf<'baseline.measured'>;
  readonly finished: readonly EventOf<'trial.finished'>[];
  readonly lines: readonly string[];
}

/** What the scripted model of an example proposes. */
export function changesOf(name: string): Change[] {
  const read = (path: string) => readFileSync(join(EXAMPLES, name, path), 'utf8');
  return changesFrom(read('model.json'), read);
}

/** Set-up, cycles with the example's scripted model, verify; what came out, in lines. Throws with what was said where a step fails. */
export async function playExample(
  name: string,
  cycles: number,
  edit?: (config: string) => string,
  after?: (project: PlayedProject) => Promise<void>,
  brainOf: (changes: readonly Change[]) => Brain = changesModel,
): Promise<Played> {
  const project = await copyExample(name);
  const server = await startModelServer({ brain: brainOf(changesOf(name)), seed: 1, faults: { rate: 0 } });
  const must = async (...args: string[]) => {
    const done = await project.ralph(...args);
    if (done.exitCode !== 0) throw new Error(`ralph ${args.join(' ')} in ${name}: ${done.all}`);
    return done.stdout;
  };
  try {
    await must('setup', '--yes');
    const path = join(project.dir, 'ralph', 'ralph.yaml');
    const config = readFileSync(path, 'utf8').replace(/^ {2}baseUrl: .*$/m, `  baseUrl: ${server.baseUrl}`);
    writeFileSync(path, edit ? edit(config) : config);
    await must('run', '--tag', 'first', '--cycles', String(cycles));
    const verified = JSON.parse(await must('verify', '--tag', 'first', '--json'));
    const events = readJournal(join(project.dir, 'ralph', 'runs', 'first', 'journal.jsonl'));
    const baseline = measuredBy(events);
    if (!baseline) throw new Error(`${name} has no baseline`);
    const finished = events.flatMap((event) => (event.type === 'trial.finished' ? [event] : []));
    const kept = finished.filter(({ outcome }) => outcome === 'keep');
    const promoted = kept.length > 0 ? JSON.parse(await must('promote', '--tag', 'first', '--json')) : null;
    await after?.(project);
    const { metric, values } = baseline;
    const best = kept.at(-1);
    const total = promoted?.total;
    return {
      baseline,
      finished,
      lines: [
        `${name}: baseline ${metric} ${digits(values[metric])}, best ${best ? `${digits(best.metrics.value ?? 0)} (${best.trial})` : 'none'}, ${kept.length} of ${finished.length} trials kept, verify ${verified.ok ? 'ok' : 'FAILED'}`,
        ...(total
          ? [
              `  measured again against the baseline: ${changeText(total.change)} (95%: ${percent(total.low)} to ${percent(total.high)}), ${counted(total.repeats, 'run')} each`,
              ...(promoted.holdout ? [`  holdout: ${promoted.holdout.message}`] : []),
            ]
          : []),
        ...finished.map(
          ({ trial, outcome, gates }) =>
            `  ${trial} ${outcome.padEnd(7)} ${(gates.find(({ passed }) => !passed) ?? gates.at(-1))?.message.slice(0, 200)}`,
        ),
      ],
    };
  } finally {
    await server.close();
    project.remove();
  }
}
