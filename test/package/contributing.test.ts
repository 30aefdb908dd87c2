import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadTools } from '../../src/agent/prompts.ts';
import { STAGES } from '../../src/gates/verdict.ts';
import { FORMAT_NAMES } from '../../src/market/ingest/format/format.ts';
import * as indicators from '../../src/strategy/indicators/index.ts';
import { PROPOSERS } from '../../src/task/task.ts';
import { VERBS } from '../../src/verbs/table/table.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const guide = read('CONTRIBUTING.md');

/** Every thing of a kind that exists, by the name that each file of its list must hold. */
const KINDS: Record<string, readonly string[]> = {
  'an indicator': Object.keys(indicators),
  // `static` is the compiler: it has no stage file and no settings.
  'a gate': STAGES.filter((stage) => stage !== 'static'),
  'an exchange format': FORMAT_NAMES,
  'an agent tool': loadTools(join(ROOT, 'prompts/tools.yaml')).map(({ name }) => name),
  'a tracker': [...read('src/tracking/open.ts').matchAll(/env\.([A-Z]+)_API_KEY/g)].map(([, name]) => name),
  'a proposer': PROPOSERS,
  'a verb': Object.keys(VERBS),
};

/** Names that stand for a thing in running text and in other files. */
const ALSO: Record<string, string> = { ga: 'genetic', null: 'surrogates', WANDB: 'W&B|wandb|tracking|Tracker' };

interface Step {
  readonly kind: string;
  readonly path: string;
}

const steps: Step[] = guide
  .split(/^### Add /m)
  .slice(1)
  .flatMap((list) => {
    const [kind] = list.split('\n', 1);
    return [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path]) => ({ kind, path }));
  });

test('there is a list for each kind of thing, and each kind has members', () => {
  assert.deepEqual([...new Set(steps.map(({ kind }) => kind))].sort(), Object.keys(KINDS).sort());
  for (const [kind, members] of Object.entries(KINDS)) assert.ok(members.length > 0, kind);
});

for (const { kind, path } of steps) {
  test(`add ${kind}: ${path} names each one that there is`, () => {
    const files = globSync(path, { cwd: ROOT });
    assert.ok(files.length > 0, 'no such file');
    const text = files.map(read).join('\n');
    const missing = KINDS[kind].filter((name) => {
      const words = ALSO[name] ? `${name}|${ALSO[name]}` : name;
      return !new RegExp(`(?<![A-Za-z0-9])(${words})(?![A-Za-z0-9])`).test(text);
    });
    assert.deepEqual(missing, [], `a step of "Add ${kind}" in CONTRIBUTING.md was left out`);
  });
}

test('every path that the documents at the top name is there', () => {
  for (const document of ['CONTRIBUTING.md', 'AGENTS.md', 'README.md']) {
    const named = [
      ...read(document).matchAll(/`((?:src|test|config|prompts|scripts|vllm|strategies)\/[\w./*{},-]+)`/g),
    ];
    const linked = [...read(document).matchAll(/\]\(((?!http)[\w./-]+)\)/g)];
    for (const [, path] of [...named, ...linked]) {
      if (path === 'test/a/b.test.ts' || path.includes('ROOM')) continue;
      assert.ok(existsSync(join(ROOT, path)) || globSync(path, { cwd: ROOT }).length > 0, `${document}: ${path}`);
    }
  }
});

test('every room of src has a line in CONTRIBUTING.md and in the tree of README.md', () => {
  const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of rooms) {
    assert.ok(guide.includes(`| \`src/${name}\` |`), `CONTRIBUTING.md: src/${name}`);
    assert.match(read('README.md'), new RegExp(`^src/${name}/ `, 'm'));
  }
});

test('AGENTS.md fits 40 lines', () => {
  assert.ok(read('AGENTS.md').trimEnd().split('\n').length <= 40);
});
