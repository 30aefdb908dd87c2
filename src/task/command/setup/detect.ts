import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { contractSchema } from '../contract/contract.ts';

/** What setup proposes for a project: the contract, and what a person should know of it. */
export interface Proposal {
  readonly kind: string;
  readonly contract: z.input<typeof contractSchema>;
  readonly notes: readonly string[];
  /** False where this machine lacks what the project needs: it is written, and not measured. */
  readonly runs: boolean;
}

type Contract = Proposal['contract'];

const SECONDS: Contract['metrics'] = { seconds: { from: 'seconds', better: 'lower' } };

/** Proposes a contract for the project in a folder, by what lies there; null where nothing is known. The first that fits wins. */
export function detect(folder: string): Proposal | null {
  for (const look of [flutter, node, python, rust, go, java, make]) {
    const found = look(folder);
    if (found) return found;
  }
  return null;
}

const has = (folder: string, ...names: string[]) => names.some((name) => existsSync(join(folder, name)));
const read = (folder: string, name: string) => (has(folder, name) ? readFileSync(join(folder, name), 'utf8') : '');

function node(folder: string): Proposal | null {
  if (!has(folder, 'package.json')) return null;
  const text = read(folder, 'package.json');
  const { scripts = {}, dependencies = {}, devDependencies = {} } = parsed(text);
  const carry = has(folder, 'node_modules') ? ['node_modules'] : [];
  const installs = Object.keys({ ...dependencies, ...devDependencies }).length > 0 && carry.length === 0;
  const common = {
    carry,
    setup: installs ? (has(folder, 'package-lock.json') ? 'npm ci' : 'npm install') : '',
    network: installs,
    guard: scripts.test && !/no test specified/.test(scripts.test) ? scripts.test : '',
    score: scripts.score ?? '',
  };
  const notes = installs ? ['dependencies are installed by the set-up, which needs the network'] : [];
  const bench = scripts.bench ?? scripts.benchmark;
  if (bench) {
    const contract = { goal: 'Make the benchmark faster.', editable: sources(folder, ['js', 'mjs', 'ts']), run: bench };
    return {
      kind: 'Node',
      notes,
      runs: true,
      contract: { ...contract, ...common, writes: ['out'], metrics: SECONDS, primary: 'seconds' },
    };
  }
  if (!scripts.build) return null;
  const out = ['dist', 'build', 'out', 'public'].find((name) => scripts.build.includes(name)) ?? 'dist';
  const bundle = new RegExp(`${out}/[\\w./-]+\\.js`).exec(scripts.build)?.[0] ?? `${out}/bundle.js`;
  return {
    kind: 'web bundle',
    runs: true,
    notes: [...notes, 'the bundle is measured by its size, once: it is exact'],
    contract: {
      goal: 'Make the bundle smaller; it does the same.',
      editable: sources(folder, ['js', 'mjs', 'ts', 'jsx', 'tsx', 'css']),
      run: scripts.build,
      ...common,
      writes: [out],
      metrics: { bytes: { from: { bytes: bundle }, better: 'lower' } },
      primary: 'bytes',
      repeats: 1,
    },
  };
}

function parsed(
  text: string,
): Record<'scripts' | 'dependencies' | 'devDependencies', Record<string, string> | undefined> {
  try {
    return JSON.parse(text);
  } catch {
    return { scripts: undefined, dependencies: undefined, devDependencies: undefined };
  }
}

/** The files that a person would change: those of `src`, else those of the top that do not measure. */
function sources(folder: string, endings: readonly string[]): string[] {
  if (has(folder, 'src')) return [`src/**/*.{${endings.join(',')}}`];
  const measuring = /(^|[.-_])(test|spec|bench|check|score|work|numbers|build|config|setup|main\.test)\b/i;
  const own = readdirSync(folder).filter(
    (name) => endings.some((ending) => name.endsWith(`.${ending}`)) && !measuring.test(name),
  );
  return own.length > 0 ? own : [`*.{${endings.join(',')}}`];
}

function python(folder: string): Proposal | null {
  const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
  const train = files.find((name) => /^(train|main|run)\.py$/.test(name));
  if (!train) return null;
  const text = read(folder, train);
  const library = /\b(torch|jax|sklearn|tensorflow|numpy)\b/.exec(text)?.[1] ?? 'no known library';
  const score = files.find((name) => /^(score|evaluate|check)\.py$/.test(name));
  const interpreter = has(folder, '.venv/bin/python') ? '.venv/bin/python' : 'python3';
  const name =
    /(val_loss|val_bpb|loss|accuracy|score)\s*=/.exec(`${read(folder, score ?? '')}\n${text}`)?.[1] ?? 'val_loss';
  return {
    kind: `Python ML (${library})`,
    runs: true,
    notes: score
      ? []
      : [`${train} prints its own number: add a score.py that reads what it wrote, and "hidden" for the answers`],
    contract: {
      goal: `Make ${name} better within the time.`,
      editable: score ? [train, ...files.filter((file) => /^model/.test(file))] : [train],
      carry: has(folder, '.venv') ? ['.venv'] : [],
      run: `${interpreter} ${train}`,
      score: score ? `${interpreter} ${score}` : '',
      writes: ['out'],
      metrics: { [name]: { from: 'line', better: /accuracy|score/.test(name) ? 'higher' : 'lower' } },
      primary: name,
      budgetSeconds: 300,
      guard: has(folder, 'tests') ? `${interpreter} -m pytest -q tests` : '',
    },
  };
}

function rust(folder: string): Proposal | null {
  if (!has(folder, 'Cargo.toml')) return null;
  return {
    kind: 'Rust (cargo bench)',
    runs: true,
    notes: ['the numbers are those that `cargo bench` prints: the measured code is linked into what prints them'],
    contract: {
      goal: 'Make the benchmark faster.',
      editable: ['src/**/*.rs'],
      build: 'cargo bench --offline --no-run',
      run: 'cargo bench --offline',
      guard: 'cargo test --offline',
      writes: ['target'],
      lend: ['~/.cargo', '~/.rustup'],
      metrics: { nanoseconds: { from: { pattern: 'time:\\s+\\[\\S+ \\S+ (\\S+) ns' }, better: 'lower' } },
      primary: 'nanoseconds',
      budgetSeconds: 600,
    },
  };
}

function go(folder: string): Proposal | null {
  if (!has(folder, 'go.mod')) return null;
  return {
    kind: 'Go (go test -bench)',
    runs: true,
    notes: ['the numbers are those that `go test` prints: the measured code is linked into what prints them'],
    contract: {
      goal: 'Make the benchmark faster.',
      editable: ['**/!(*_test).go'],
      run: 'GOCACHE=/tmp/go go test -run XXX -bench . ./...',
      guard: 'GOCACHE=/tmp/go go test ./...',
      lend: ['~/go'],
      metrics: { nanoseconds: { from: { pattern: '([\\d.]+) ns/op' }, better: 'lower' } },
      primary: 'nanoseconds',
      budgetSeconds: 300,
    },
  };
}

function java(folder: string): Proposal | null {
  const tool = has(folder, 'pom.xml') ? 'Maven' : has(folder, 'build.gradle', 'build.gradle.kts') ? 'Gradle' : null;
  const plain = readdirSync(folder).some((name) => name.endsWith('.java'));
  if (tool === null && !plain) return null;
  const common = { goal: 'Make the program faster.', metrics: SECONDS, primary: 'seconds' };
  if (tool === null) {
    const names = readdirSync(folder).filter((name) => name.endsWith('.java'));
    const main = names.find((name) => /^(Bench|Main|Work)\.java$/.test(name)) ?? names[0];
    const check = names.find((name) => name === 'Check.java');
    return {
      kind: 'Java',
      runs: true,
      notes: [],
      contract: {
        ...common,
        editable: names.filter((name) => name !== main && name !== check && name !== 'Numbers.java'),
        build: 'javac -d out/classes *.java',
        run: `java -cp out/classes ${main.slice(0, -5)}`,
        score: check ? 'java -cp out/classes Check' : '',
        writes: ['out'],
      },
    };
  }
  const maven = tool === 'Maven';
  return {
    kind: `Java (${tool})`,
    runs: true,
    notes: ['name the class to run in "run"'],
    contract: {
      ...common,
      editable: ['src/main/**/*.java'],
      build: maven ? 'mvn -o -q compile' : 'gradle --offline --no-daemon classes',
      run: maven ? 'java -cp target/classes Main' : 'java -cp build/classes/java/main Main',
      guard: maven ? 'mvn -o -q test' : 'gradle --offline --no-daemon test',
      writes: [maven ? 'target' : 'build', ...(maven ? [] : ['.gradle'])],
      lend: [maven ? '~/.m2' : '~/.gradle'],
      budgetSeconds: 300,
    },
  };
}

function flutter(folder: string): Proposal | null {
  if (!has(folder, 'pubspec.yaml')) return null;
  return {
    kind: 'Flutter',
    runs: false,
    notes: [
      'configured, not run: Flutter is not measured by this setup; run `ralph setup --check` where it is installed',
    ],
    contract: {
      goal: 'Make the web build smaller.',
      editable: ['lib/**/*.dart'],
      run: 'flutter build web --release',
      guard: 'flutter test',
      writes: ['build', '.dart_tool'],
      lend: ['~/.pub-cache'],
      metrics: { bytes: { from: { bytes: 'build/web/main.dart.js' }, better: 'lower' } },
      primary: 'bytes',
      repeats: 1,
      budgetSeconds: 900,
    },
  };
}

function make(folder: string): Proposal | null {
  const targets = [...read(folder, 'Makefile').matchAll(/^([\w-]+):/gm)].map(([, name]) => name);
  const run = targets.find((name) => /^(bench|benchmark|run|all)$/.test(name)) ?? targets[0];
  if (!run) return null;
  return {
    kind: 'Makefile',
    runs: true,
    notes: [],
    contract: {
      goal: 'Make it faster.',
      editable: has(folder, 'src') ? ['src/**'] : ['*.c', '*.h', '*.py', '*.sh'],
      build: targets.includes('build') ? 'make build' : '',
      run: `make ${run}`,
      score: targets.includes('score') ? 'make score' : '',
      guard: targets.includes('test') ? 'make test' : '',
      writes: ['build', 'out'],
      metrics: SECONDS,
      primary: 'seconds',
    },
  };
}
