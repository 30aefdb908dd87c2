import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hasBubblewrap } from '../../../../src/agent/external/sandbox.ts';
import { PACKAGE_ROOT } from '../../../../src/base/roots.ts';
import { readGatesConfig } from '../../../../src/gates/config.ts';
import { emptyHistory } from '../../../../src/gates/history.ts';
import { makeRepository } from '../../../../src/lab/template.ts';
import { type Contract, contractSchema } from '../../../../src/task/command/contract/contract.ts';
import { evaluateReturns } from '../../../../src/task/command/returns/evaluate.ts';
import { type Bench, openBench } from '../../../../src/task/command/run/bench.ts';
import { detect } from '../../../../src/task/command/setup/detect.ts';

// What a candidate may try with returns, on the shipped example: strategy.mjs decides, score.mjs makes returns of it.

const skip = hasBubblewrap() ? false : 'bubblewrap (bwrap) is missing or may not make namespaces here';
const { signal } = new AbortController();
const gates = readGatesConfig(join(PACKAGE_ROOT, 'config', 'gates.yaml'));

let dir: string;
let repository: string;
let contract: Contract;
let bench: Bench;
before(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'ralph-returns-'));
  repository = join(dir, 'repository');
  cpSync(join(PACKAGE_ROOT, 'strategies', 'projects', 'returns'), repository, { recursive: true });
  await makeRepository(repository, ['-A']);
  contract = contractSchema.parse(detect(repository)?.contract);
  contract = { ...contract, returns: { ...contract.returns!, cuts: 3 } };
  bench = await opened('bench', contract);
});
after(() => dir && rmSync(dir, { recursive: true, force: true }));

function opened(name: string, asked: Contract): Promise<Bench> {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: repository, encoding: 'utf8' }).trim();
  mkdirSync(join(dir, name), { recursive: true });
  const place = { repository, prefix: '' };
  return openBench({ place, commit, contract: asked, dir: join(dir, name), signal, say: () => {} });
}

async function trial(body: string, changes: Partial<Contract> = {}) {
  const code = `import fs from 'node:fs';\nexport function positions(closes) {\n${body}\n}\n`;
  const submission = {
    candidate: 'a',
    family: 'a',
    hypothesis: '',
    params: {},
    fingerprint: code,
    files: { 'strategy.mjs': code },
  };
  const sitting = {
    bench,
    contract: { ...contract, ...changes },
    signal,
    events: [],
    trial: '0001-1',
    n: 1,
    kills: new Map(),
    objects: { get: () => Buffer.from('') },
  };
  let looks = 0;
  const look = () => ++looks;
  const found = await evaluateReturns(submission, sitting, { gates, history: { ...emptyHistory(), look } });
  const failed = found.gates.filter(({ passed }) => !passed).map(({ gate, message }) => `${gate}: ${message}`);
  return { ...found, looks, said: failed.join('\n') };
}

const TREND = 'return closes.map((close, i) => (i < 5 ? 0 : close > closes[i - 5] ? 1 : -1));';

test('an honest rule is kept after one look, and nothing of the held-back days is told', { skip }, async () => {
  const { outcome, said, looks, heldBack, gates: told, metrics, returns } = await trial(TREND);
  assert.equal(outcome, 'keep', said);
  assert.equal(looks, 1);
  assert.ok(heldBack?.passed && heldBack.sharpe! > 1.5);
  const shown = JSON.stringify([told, metrics]);
  assert.ok(!shown.includes(String(heldBack.sharpe)) && !shown.includes(heldBack.sharpe!.toFixed(2)));
  assert.deepEqual(told.at(-1)?.value, null);
  const { from, to } = contract.returns!.train;
  assert.equal(returns.length, (Date.parse(to) - Date.parse(from)) / 86_400_000);
});

test('a rule that reads the next close is caught, by the cut data alone', { skip }, async () => {
  const peek = await trial('return closes.map((close, i) => (closes[i + 1] > close ? 1 : -1));');
  assert.equal(peek.outcome, 'discard');
  assert.match(peek.said, /causality\.future: looks ahead: decisions \(at \d{4}-/);
  assert.equal(peek.looks, 0);
});

test('a rule that looks ahead only on days behind train is caught there', { skip }, async () => {
  const last = Math.round((bench.heldBack.get('prices.csv')?.times.length ?? 0) * 0.6) + 5;
  const late = await trial(
    `const peeks = closes.length > ${last};\n${TREND.replace('close > closes[i - 5]', '(peeks ? closes[i + 1] > close : close > closes[i - 5])')}`,
  );
  assert.equal(late.outcome, 'discard');
  assert.match(late.said, /selection\.held_back: looks ahead: decisions change .* on held-back data/);
  assert.ok(!/\d{4}-\d\d/.test(late.said), late.said);
  assert.deepEqual(late.heldBack, { passed: false, sharpe: null });
});

test('the code sees the prices of the window and no others', { skip }, async () => {
  const seen = await trial(
    "const rows = fs.readFileSync('prices.csv', 'utf8').trim().split('\\n');\nconst { RALPH_FROM, RALPH_TO } = process.env;\nthrow new Error([rows.at(-1), RALPH_FROM, RALPH_TO, fs.existsSync('.git')].join(' '));",
  );
  assert.equal(seen.outcome, 'crash');
  const { from, to } = contract.returns!.train;
  const day = /Error: (\d{4}-\d\d-\d\d),/.exec(seen.said)?.[1] ?? '';
  assert.ok(day >= from && day < to, seen.said);
  assert.match(seen.said, new RegExp(`${from} ${to} false`));
});

test('what the scorer cannot use is a crash that says why', { skip }, async () => {
  assert.match((await trial('return closes.map(() => Number.NaN);')).said, /project\.runs: score: .*the position of/);
});

test('code that writes its own returns cannot pass with a constant, NaN, other days, or far too much', {
  skip,
}, async () => {
  const own = (rows: string) =>
    trial(
      `fs.mkdirSync('out', { recursive: true });\nconst days = fs.readFileSync('prices.csv', 'utf8').trim().split('\\n').slice(1).map((row) => row.slice(0, 10));\nfs.writeFileSync('out/returns.csv', ${rows});\nreturn closes.map(() => 0);`,
      { score: '', returns: { ...contract.returns!, file: 'out/returns.csv' } },
    );
  assert.match((await own("days.map((day) => day + ',0.001').join('\\n')")).said, /different daily returns 1 < 30/);
  assert.match((await own("days.map((day) => day + ',NaN').join('\\n')")).said, /expected a return such as 0\.0012/);
  assert.match((await own("'2031-01-01,0.1'")).said, /lies at 2031-01-01: the window ends before/);
  assert.match((await own("'x'.repeat(65_000_000)")).said, /larger than 64000000 bytes/);
  assert.match((await own("''")).said, /has no row from/);
});

test('a copy of the held-back days elsewhere in the project is refused at the start', { skip }, async () => {
  appendFileSync(join(repository, 'copy.csv'), readFileSync(join(repository, 'prices.csv'), 'utf8'));
  await makeRepository(repository, ['-A']);
  await assert.rejects(opened('leaky', contract), /copy\.csv has rows of days that "returns" holds back/);
});
