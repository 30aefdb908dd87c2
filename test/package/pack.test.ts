import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import test from 'node:test';
import { execa } from 'execa';
import { hasBubblewrap } from '../../src/agent/external/sandbox.ts';
import { fillDemoMarket } from '../../src/lab/project.ts';
import { makeRepository } from '../../src/lab/template.ts';

const ROOT = join(import.meta.dirname, '../..');
const UNREACHABLE = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/;

/** As a user's shell would have it: the host's own Node, nothing that `npm test` puts into the environment. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(lifecycle|package|config_local|command|node)|NODE)/.test(name),
  ),
);
env.PATH = (env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter);

const STRATEGY = `import { defineStrategy, ema } from 'ralph/strategy';

export default defineStrategy({
  family: 'trend-mine',
  hypothesis: 'Crosses of two averages carry momentum; refuted if train Sharpe < 0.5',
  timeframe: '1h',
  params: { fast: 3, slow: 9 },
  warmup: (p) => p.slow,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now, p) {
    if (now.fast > now.slow && now.position <= 0) now.target(1, { stop: now.close * 0.9 });
    if (now.fast < now.slow && now.position > 0) now.flat();
    /* HERE */
  },
});
`;
const YAML = 'strategy: trend-mine.ts\nsymbols: [BTCUSD]\nparams: { fast: 3, slow: 9 }\n';

test('the packed package works in an empty folder outside of the checkout', { timeout: 900_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-package-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }));
  const packed = await execa('npm', ['pack', '--json', '--pack-destination', dir], {
    cwd: ROOT,
    env,
    extendEnv: false,
  });
  const [tarball] = globSync('*.tgz', { cwd: dir });
  const names = filesIn(packed.stdout);
  const project = join(dir, 'project');
  mkdirSync(project);
  const npm = (...args: string[]) =>
    execa('npm', args, { cwd: project, env, extendEnv: false, all: true, reject: false });
  const ralph = (...args: string[]) =>
    execa('npx', ['ralph', ...args], { cwd: project, env, extendEnv: false, all: true, reject: false });
  const installed = await npm('install', '--prefer-offline', '--no-audit', '--no-fund', join(dir, tarball));
  if (installed.exitCode !== 0 && UNREACHABLE.test(installed.all)) {
    t.skip(`the registry cannot be reached: ${installed.all.slice(0, 200)}`);
    return;
  }
  assert.equal(installed.exitCode, 0, installed.all);

  await t.test('it holds compiled code, prompts and settings, and nothing of the checkout’s owner', () => {
    for (const name of ['dist/ralph.js', 'dist/prompts/system.md', 'dist/config/gates.yaml', 'LICENSE'])
      assert.ok(names.includes(name), name);
    const strange = names.filter((name) => /(?<!\.d)\.ts$|^(test|runs|\.data)\/|prompts\/hints\/(?!README)/.test(name));
    assert.deepEqual(
      strange.filter((name) => !/^dist\/strategies\/(library|universe)\//.test(name)),
      [],
    );
  });

  await t.test('npx ralph help lists the commands, whatever the age of the Node that starts it', async () => {
    const { all, exitCode } = await ralph('help');
    assert.equal(exitCode, 0, all);
    assert.match(all, /^ {2}backtest /m);
    assert.equal((await ralph('no-such-command')).exitCode, 2);
  });

  await t.test('a strategy that imports ralph/strategy is checked against its types', async () => {
    const compilerOptions = { module: 'nodenext', target: 'esnext', strict: true, noEmit: true, types: [] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    writeFileSync(join(project, 'trend-mine.ts'), STRATEGY);
    writeFileSync(join(project, 'trend-mine.yaml'), YAML);
    const tsc = () =>
      execa('npx', ['tsc', '-p', '.'], { cwd: project, env, extendEnv: false, all: true, reject: false });
    const right = await tsc();
    assert.equal(right.exitCode, 0, right.all);
    writeFileSync(join(project, 'wrong.ts'), STRATEGY.replace('/* HERE */', 'now.target("all");'));
    const wrong = await tsc();
    rmSync(join(project, 'wrong.ts'));
    assert.match(wrong.all, /wrong\.ts\(13,16\): error TS2345/);
  });

  await t.test('npx ralph backtest checks and runs it in the evaluation box', async () => {
    writeFileSync(join(project, 'bars.csv'), hoursOfBars(200));
    const { stdout, stderr, exitCode } = await ralph('backtest', 'trend-mine.yaml', '--bars', 'bars.csv', '--json');
    assert.equal(exitCode, 0, stderr);
    assert.equal(JSON.parse(stdout).bars, 200 * 60);
    writeFileSync(join(project, 'trend-mine.ts'), STRATEGY.replace('/* HERE */', 'now.target("all");'));
    const refused = await ralph('backtest', 'trend-mine.yaml', '--bars', 'bars.csv', '--json');
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.stderr, /^ {2}13:16: /m);
  });

  await t.test(
    'npx ralph setup points it at a git repository and measures it',
    { skip: !hasBubblewrap() },
    async () => {
      const folder = join(project, 'mine');
      mkdirSync(folder);
      writeFileSync(join(folder, 'package.json'), '{"scripts": {"bench": "node bench.mjs"}}');
      writeFileSync(join(folder, 'bench.mjs'), "import './code.mjs';\n");
      writeFileSync(join(folder, 'code.mjs'), 'export const answer = 42;\n');
      await makeRepository(folder, ['-A']);
      const { stdout, all, exitCode } = await ralph('setup', '--dir', folder, '--yes', '--json');
      assert.equal(exitCode, 0, all);
      const { editable, values } = JSON.parse(stdout);
      assert.deepEqual(editable, ['code.mjs']);
      assert.ok(values.seconds > 0);
      assert.ok(existsSync(join(folder, 'ralph', 'program.md')));
    },
  );

  await t.test('npx ralph demo runs the whole loop: database, model server, session, box, gates, journal', async () => {
    await fillDemoMarket(project, async (args) => {
      const market = await ralph(...args);
      assert.equal(market.exitCode, 0, market.all);
    });
    const { stdout, stderr, exitCode } = await ralph('demo', '--cycles', '1', '--seed', '3', '--faults', '0', '--json');
    assert.equal(exitCode, 0, stderr);
    const [row] = JSON.parse(stdout);
    assert.equal(row.cycle, 1);
    assert.equal(row.trial, '0001-1');
    assert.ok(existsSync(join(project, 'runs/demo/journal.jsonl')), 'the run lies in the current folder');
    const wrote = globSync('node_modules/ralph/**/{runs,.data}', { cwd: project });
    assert.deepEqual(wrote, [], 'nothing is written into the package');
    assert.equal((await ralph('verify', '--tag', 'demo')).exitCode, 0);
    assert.match((await ralph('reproduce', '9999-1', '--tag', 'demo')).all, /npx ralph results --tag demo/);
    assert.ok(
      existsSync(join(project, 'runs', 'demo', 'journal.jsonl')),
      'the run lies in the project, not in the package',
    );
  });
});

function filesIn(json: string): string[] {
  const [{ files }] = JSON.parse(json.slice(json.indexOf('[\n'))) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

/** Minutes of a slow wave around 100. */
function hoursOfBars(hours: number): string {
  const lines = Array.from({ length: hours * 60 }, (_, minute) => {
    const price = (100 + 10 * Math.sin(minute / 900)).toFixed(4);
    return `${Date.UTC(2024, 0, 1) + minute * 60_000},${price},${price},${price},${price},1`;
  });
  return ['time,open,high,low,close,volume', ...lines, ''].join('\n');
}
