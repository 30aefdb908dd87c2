import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RunEvent } from '../../src/journal/events.ts';
import { type LightProject, makeLightProject } from '../../src/lab/failpoints/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';
import { type ModelServer, startModelServer } from '../../src/lab/server/serve.ts';
import { unusedWindows } from '../../src/task/trading/unused-windows.ts';

let project: LightProject;
let model: ModelServer;
before(async () => {
  project = await makeLightProject();
  const calls = [
    {
      name: 'register_hypothesis',
      args: { family: 'family-1', hypothesis: 'Longer texts score higher', refuted_if: 'sharpe < 0.5 over 100 trades' },
    },
    { name: 'measure', args: { content: 'abc' } },
    { name: 'finish', args: { summary: 'done' } },
  ];
  const brain: Brain = ({ messages }) => ({
    calls: [calls[Math.min(2, messages.filter(({ role }) => role === 'tool').length)]],
  });
  model = await startModelServer({ brain, seed: 1, faults: { rate: 0 } });
  keepAt(0);
  const { exitCode, all } = await project.run('a', { cycles: 1, env: { RALPH_BASE_URL: model.baseUrl } });
  assert.equal(exitCode, 0, all);
});
after(async () => {
  await model.close();
  project.remove();
});

function keepAt(bar: number): void {
  const path = join(project.dir, 'config', 'light', 'ralph.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"keepAt":[\d.]+/, `"keepAt":${bar}`));
}

const json = async (...args: string[]) => JSON.parse((await project.verb([...args, '--json'])).stdout);

test('prune removes what nothing needs and says what it kept; verify and reproduce are as before', async () => {
  const run = join(project.dir, 'runs', 'a');
  const orphan = join(run, 'objects', 'f'.repeat(64));
  const leftovers = [join(run, 'journal.jsonl.torn-9-abcd'), join(run, 'restart.log'), orphan];
  for (const path of leftovers) writeFileSync(path, 'x');
  leftovers.push(join(run, 'cycles', '0099'));
  mkdirSync(leftovers[3]);
  assert.equal((await json('prune', '--dry-run')).removed.length, 4);
  assert.ok(
    leftovers.every((path) => existsSync(path)),
    'a dry run removes nothing',
  );
  const { removed, kept } = await json('prune');
  assert.deepEqual(removed.map(({ path }: { path: string }) => path).sort(), leftovers.sort());
  assert.ok(leftovers.every((path) => !existsSync(path)));
  assert.ok(kept.some(({ what, by }: { what: string; by: string }) => /objects$/.test(what) && by === 'reproduce'));
  const [verified, reproduced, again, earlier] = await Promise.all([
    json('verify', '--tag', 'a'),
    json('reproduce', '0001-1', '--tag', 'a'),
    json('prune'),
    json('reproduce', '--again', '--tag', 'a'),
  ]);
  assert.deepEqual(verified.problems, []);
  assert.equal(reproduced.same, true);
  assert.deepEqual(again.removed, [], 'nothing more is to go');
  assert.deepEqual(earlier, [], 'no keep is of an earlier version');
});

test('keeps of an earlier gate are named by the report and judged anew by reproduce --again', async () => {
  keepAt(0.999999);
  const { stdout, exitCode } = await project.verb(['reproduce', '--again', '--tag', 'a', '--json']);
  const [judged] = JSON.parse(stdout);
  assert.equal(exitCode, 1);
  assert.deepEqual([judged.trial, judged.stored.outcome, judged.again.outcome], ['0001-1', 'keep', 'discard']);
  assert.deepEqual(judged.changed, ['command']);
  // The next start opens a segment: from then on the report knows.
  const next = await project.run('a', { cycles: 1, env: { RALPH_BASE_URL: model.baseUrl } });
  assert.equal(next.exitCode, 0, next.all);
  const report = (await project.verb(['report', '--tag', 'a'])).stdout;
  assert.match(report, /keeps judged under an earlier version/i);
  assert.match(report, /0001-1.*command/);
});

test('a frozen window that neither a run nor the ledger names is unused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-windows-'));
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
  const range = (from: string, to: string) => ({ from: day(from), to: day(to) });
  const names = {
    run: 'BTC-USD-train-2020-01-01-2021-01-01-w10.bars',
    ledger: 'ETHUSD-holdout-2023-01-01-2023-06-01-w10.bars',
    other: 'ETHUSD-train-2019-01-01-2020-01-01-w10.bars',
    otherSymbol: 'XRPUSD-train-2020-01-01-2021-01-01-w10.bars',
    foreign: 'notes.txt',
  };
  for (const name of Object.values(names)) writeFileSync(join(folder, name), '');
  const coverage = [{ symbol: 'BTC-USD', window: 'train', ...range('2020-01-01', '2021-01-01') }];
  const run = [{ type: 'segment.started', coverage }] as unknown as RunEvent[];
  const line = (entry: unknown) => JSON.stringify({ seq: 1, prev: '', at: 0, entry });
  const lines = [
    line({ type: 'series', series: 's', symbol: 'ETHUSD', from: 0, returns: '' }),
    line({
      type: 'setting',
      setting: 'x',
      series: ['s'],
      train: range('2021-01-01', '2022-01-01'),
      selection: [],
      holdout: range('2023-01-01', '2023-06-01'),
    }),
  ];
  const unused = unusedWindows(folder, [run], lines).map((path) => basename(path));
  assert.deepEqual(unused.sort(), [names.other, names.otherSymbol].sort());
});
