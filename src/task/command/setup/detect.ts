import { accessSync, constants, globSync, readdirSync } from 'node:fs';
import { delimiter, join, posix } from 'node:path';
import { jsonIn } from '../../../base/json.ts';
import { inside } from '../contract/paths.ts';
import { backtest, pythonOf } from './backtest.ts';
import { go, java, make, rust } from './compiled.ts';
import { has, type Proposal, proposed, read, SECONDS } from './proposal.ts';

/** Proposes a contract for the project in a folder, by what lies there; null where nothing is known. The first that fits wins. */
export function detect(folder: string): Proposal | null {
  for (const look of [backtest, flutter, node, python, rust, go, java, make]) {
    const found = look(folder);
    if (found) return found;
  }
  return null;
}

type Package = Partial<Record<'scripts' | 'dependencies' | 'devDependencies', Record<string, string>>>;

function node(folder: string): Proposal | null {
  if (!has(folder, 'package.json')) return null;
  const about = jsonIn(read(folder, 'package.json')) as Package | null | undefined;
  const { scripts = {}, dependencies = {}, devDependencies = {} } = about ?? {};
  const carry = has(folder, 'node_modules') ? ['node_modules'] : [];
  const installs = Object.keys({ ...dependencies, ...devDependencies }).length > 0 && carry.length === 0;
  const commands = [scripts.bench, scripts.benchmark, scripts.build, scripts.score, scripts.test];
  const fixed = measuringIn(folder, commands.join(' ; '));
  const common = {
    ...(fixed.length > 0 && { readOnly: ['**', ...fixed] }),
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
    return proposed('Node', notes, {
      ...contract,
      ...common,
      writes: ['out'],
      metrics: SECONDS,
      primary: 'seconds',
    });
  }
  if (!scripts.build) return null;
  const out = ['dist', 'build', 'out', 'public'].find((name) => scripts.build.includes(name)) ?? 'dist';
  const bundle = new RegExp(`${out}/[\\w./-]+\\.js`).exec(scripts.build)?.[0] ?? `${out}/bundle.js`;
  const endings = ['js', 'mjs', 'ts', 'jsx', 'tsx', 'css'];
  const exact =
    'the bundle is measured by its size, once: it is exact; for the time of the build take --metric seconds';
  const built = proposed('web bundle', [...notes, exact], {
    goal: 'Make the bundle smaller; it does the same.',
    editable: sources(folder, endings),
    run: scripts.build,
    ...common,
    writes: [out],
    metrics: { bytes: { from: { bytes: bundle }, better: 'lower' }, ...SECONDS },
    primary: 'bytes',
    repeats: 1,
  });
  const installed = 'lighthouse' in { ...dependencies, ...devDependencies };
  return withLighthouse(built, { out, installed, editable: sources(folder, [...endings, 'html']) });
}

/** What measures or tests among the files that may change: what Node is told to run, and tests by their names. */
function measuringIn(folder: string, commands: string): string[] {
  const started = [...commands.matchAll(/\b(?:node|tsx|bun)(?:\s+-\S+)*\s+([^\s'";&|]+)/g)].map(([, path]) => path);
  const isSource = (path: string) => (has(folder, 'src') ? path.startsWith('src/') : !path.includes('/'));
  const programs = started.map((path) => posix.normalize(path)).filter((path) => inside(path) && isSource(path));
  const tests = TESTS.filter((glob) => globSync(glob, { cwd: folder }).length > 0);
  return [...new Set([...programs.filter((path) => has(folder, path)), ...tests])];
}

const TESTS = ['src/**/*.{test,spec}.*', 'src/**/__tests__/**'];

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
  const models = files.filter((file) => /^model/.test(file));
  const learning = files.filter((file) => !models.includes(file) && LEARNS.test(read(folder, file)));
  const train =
    files.find((name) => /^(train|main|run)\.py$/.test(name)) ??
    files.find((name) => /^train/.test(name)) ??
    learning.find((name) => !/^(test|score|evaluate|check|setup|conftest)/.test(name));
  if (!train) return null;
  const text = read(folder, train);
  const library =
    LIBRARY.exec([text, ...models.map((file) => read(folder, file))].join('\n'))?.[1] ?? 'no known library';
  const score = files.find((name) => /^(score|evaluate|check)\.py$/.test(name));
  const interpreter = pythonOf(folder);
  const names = printedIn(score ? read(folder, score) : text);
  const name = names.findLast((each) => DECIDES.test(each)) ?? names.at(-1) ?? 'val_loss';
  const sizes = names.filter((each) => each !== name && SIZES.test(each));
  // What the answers are is for the scorer alone.
  const hidden = score ? readdirSync(folder).filter((file) => HIDDEN.test(file)) : [];
  const alone = `${train} prints its own number: add a score.py that reads what it wrote, and "hidden" for the answers`;
  return proposed(`Python ML (${library})`, score ? [] : [alone], {
    goal: `Make ${name} better within the time.`,
    // What prints or starts is better not what is changed.
    editable: models.length === 0 ? [train] : models,
    hidden,
    carry: has(folder, '.venv') ? ['.venv'] : [],
    run: `${interpreter} ${train}`,
    score: score ? `${interpreter} ${score}` : '',
    writes: ['out'],
    metrics: {
      [name]: { from: 'line', better: /acc|score|f1|auc|reward/i.test(name) ? 'higher' : 'lower' },
      ...Object.fromEntries(sizes.map((each) => [each, { from: 'line', better: 'lower', notWorseBy: 0.1 }])),
    },
    primary: name,
    budgetSeconds: /torch|jax|flax|tensorflow|keras/.test(library) ? 300 : 60,
    guard: has(folder, 'tests') ? `${interpreter} -m pytest -q tests` : '',
  });
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

const LEARNERS = 'torch|jax|flax|sklearn|tensorflow|keras|xgboost|lightgbm';
const importing = (names: string) => new RegExp(`^ *(?:import|from) +(${names})\\b`, 'm');
const LEARNS = importing(LEARNERS);
const LIBRARY = importing(`${LEARNERS}|numpy`);
const DECIDES = /loss|bpb|error|acc|score|perplexity|f1|auc|reward/i;
const SIZES = /param|size|bytes|memory/i;
const HIDDEN = /^(val|valid|validation|test|answers|labels)\.(txt|csv|tsv|json|npy|npz)$/;

/** The names that a Python text prints with a number, in order. */
function printedIn(text: string): string[] {
  const printed = text.split('\n').filter((line) => /print|write|log/.test(line));
  return printed.flatMap((line) => [...line.matchAll(/([A-Za-z_]\w*) ?= ?(?=[{%'"])/g)].map(([, name]) => name));
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PORT = 8123;

/**
 * A page that is built into the folder `out`, measured by the performance score of Lighthouse (0 to 1) where the project has the package and
 * this machine a Chromium; otherwise the proposal as it was, with what is missing.
 */
function withLighthouse(
  built: Proposal,
  { out, installed, editable }: { readonly out: string; readonly installed: boolean; readonly editable: string[] },
): Proposal {
  const [browser, python] = [firstOf(BROWSERS), firstOf(['python3'])];
  const missing = [
    ...(installed ? [] : ['npm install --save-dev lighthouse']),
    ...(browser ? [] : ['a Chromium (Debian: apt install chromium)']),
    ...(python ? [] : ['python3, which serves the page']),
  ];
  if (!browser || missing.length > 0) {
    const note = `for the score of Lighthouse: ${missing.join(', ')}; then remove ralph/ and set up again`;
    return installed || browser ? { ...built, notes: [...built.notes, note] } : built;
  }
  const lighthouse = [
    `CHROME_PATH=${browser} node_modules/.bin/lighthouse http://127.0.0.1:${PORT}/ --quiet --only-categories=performance`,
    '--disable-full-page-screenshot --chrome-flags="--headless --no-sandbox --disable-dev-shm-usage"',
    '--output=json --output-path="$RALPH_RESULT/lighthouse.json"',
  ].join(' ');
  const metric = { json: 'categories.performance.score', file: 'lighthouse.json' };
  return {
    ...built,
    kind: 'web page (Lighthouse)',
    notes: [
      ...built.notes.filter((note) => !note.includes('size')),
      'Lighthouse measures the built page in Chromium, without a network: what the page loads from elsewhere is missing',
    ],
    contract: {
      ...built.contract,
      goal: 'Make the page faster by the performance score of Lighthouse; it does the same.',
      editable,
      score: `python3 -m http.server ${PORT} -b 127.0.0.1 -d ${out} >/dev/null 2>&1 & sleep 1; ${lighthouse}`,
      metrics: { performance: { from: metric, better: 'higher' } },
      primary: 'performance',
      repeats: { least: 6, most: 24 },
      budgetSeconds: 180,
    },
  };
}

/** The path of the first of these programs that is installed. */
function firstOf(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
