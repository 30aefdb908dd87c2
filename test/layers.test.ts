import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

// Each folder may import the folders named here and itself. Arrows point down only.
const MAY_IMPORT: Record<string, string[]> = {
  base: [],
  market: ['base'],
  agent: ['base'],
  strategy: ['market', 'base'],
  backtest: ['strategy', 'market', 'base'],
  metrics: ['backtest', 'strategy', 'market', 'base'],
  ledger: ['market', 'base'],
  gates: ['ledger', 'metrics', 'backtest', 'strategy', 'market', 'base'],
  forward: ['ledger', 'metrics', 'backtest', 'strategy', 'market', 'base'],
  fleet: ['gates', 'backtest', 'strategy', 'market', 'agent', 'base'],
  journal: ['gates', 'ledger', 'metrics', 'backtest', 'strategy', 'market', 'base'],
  tracking: ['journal', 'gates', 'metrics', 'base'],
  page: ['tracking', 'journal', 'gates', 'metrics', 'base'],
  search: ['journal', 'gates', 'metrics', 'backtest', 'strategy', 'market', 'base'],
  task: [
    'search',
    'fleet',
    'journal',
    'forward',
    'gates',
    'ledger',
    'metrics',
    'backtest',
    'strategy',
    'market',
    'agent',
    'base',
  ],
  loop: [
    ...['task', 'search', 'page', 'tracking', 'fleet', 'journal', 'forward', 'gates', 'ledger', 'metrics'],
    ...['backtest', 'strategy', 'market', 'agent', 'base'],
  ],
};
const LIBRARY = Object.keys(MAY_IMPORT);
MAY_IMPORT.verbs = LIBRARY;
// What measures Ralph itself: nothing but scripts/ imports it.
MAY_IMPORT.lab = [...LIBRARY, 'verbs'];

interface Arrow {
  from: string;
  to: string;
}

function importsOf(file: string): Arrow[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)|(?:^|\n)import\s+['"](\.[^'"]+)['"]/g,
  );
  return [...found].map((match) => ({
    from: file,
    to: relative(ROOT, join(ROOT, dirname(file), match[1] ?? match[2] ?? match[3])),
  }));
}

const files = globSync('src/**/*.ts', { cwd: ROOT }).sort();
const arrows = files.flatMap(importsOf);

test('every import stays within the folders that its own folder may import', () => {
  const wrong = arrows.filter(({ from, to }) => {
    const [, source] = from.split('/');
    const [top, target] = to.split('/');
    return top !== 'src' || (source !== target && !MAY_IMPORT[source]?.includes(target));
  });
  assert.deepEqual(wrong, []);
});

test('every import names a file that exists', () => {
  const known = new Set(files);
  assert.deepEqual(
    arrows.filter(({ to }) => !known.has(to)),
    [],
  );
});

test('no circle of imports', () => {
  const next = Map.groupBy(arrows, ({ from }) => from);
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

test('the layers test itself sees imports', () => {
  assert.ok(arrows.length > 5);
});

test('ralph.ts stays a page that reads like its own pseudo-code', () => {
  assert.ok(readFileSync(join(ROOT, 'ralph.ts'), 'utf8').split('\n').length <= 150);
});

test('every property draws from the one seed of test/fast-check.ts', () => {
  const direct = globSync('test/**/*.ts', { cwd: ROOT }).filter((file) =>
    /from 'fast-check'/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  assert.deepEqual(
    direct.sort(),
    ['test/fast-check.ts', 'test/layers.test.ts'],
    "import fc from '…/test/fast-check.ts'",
  );
});
