import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isoDay } from '../../../src/base/numbers.ts';
import type { RunEvent } from '../../../src/journal/events.ts';
import type { Problem } from '../../../src/journal/verify/problem.ts';
import {
  configWith,
  MARKET_START,
  makeProject,
  type Project,
  serve,
  takeCanariesAsSent,
} from '../../../src/lab/project.ts';
import { DAY } from '../../../src/market/bars.ts';
import { openDatabase, withClient } from '../../../src/market/database.ts';
import { PLAIN, strategySource, writer } from '../brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

/** Gates that keep whatever trades, after one look at selection. */
const keepAll = (gates: string) =>
  gates
    .replace(/^off: .*$/m, 'off: [stress, neighbours, subperiods, deflation, pbo, "null"]')
    .replace(/^ {2}minSharpe: \S+$/gm, '  minSharpe: -30')
    .replace(/^ {2}minProfitFactor: .*$/m, '  minProfitFactor: 0.1');

const window = (from: number, to: number) => {
  const [first, last] = [from, to].map((day) => isoDay(MARKET_START + day * DAY));
  return `{ from: ${first}, to: ${last} }`;
};
const windowsYaml = (selection: string, holdout: string) =>
  `embargoDays: 1\nwarmupDays: 10\ntrain: ${window(10, 190)}\nselection: [${selection}]\nholdout: ${holdout}\n`;

/** Writes a file of the run's config anew and asks for the holdout of its keep. */
async function promoteAfter(file: string, edit: (text: string) => string) {
  const path = join(project.dir, 'config', 'kept', file);
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, edit(before));
  const { exitCode, all } = await project.ralph(['promote', '0001-1', '--tag', 'kept']);
  writeFileSync(path, before);
  return { exitCode, said: String(all) };
}

/** Changes the prices of the holdout in the database while `work` goes on, and takes away what was frozen of them. */
async function withBars<T>(factor: string, work: () => Promise<T>): Promise<T> {
  const database = await openDatabase({ dataDir: join(project.dir, '.data', 'demo') });
  const ask = (text: string) => withClient(database, (client) => client.query(text));
  const since = `time >= '${isoDay(MARKET_START + 231 * DAY)}'`;
  const prices = (of: (name: string) => string) =>
    ['open', 'high', 'low', 'close'].map((name) => `${name} = ${of(name)}`);
  const frozen = join(project.dir, '.data', 'demo', 'windows');
  await ask(`create table kept as select * from ralph.bars where ${since}`);
  await ask(`update ralph.bars set ${prices((name) => `${name} * ${factor}`)} where ${since}`);
  rmSync(frozen, { recursive: true });
  try {
    return await work();
  } finally {
    rmSync(frozen, { recursive: true });
    const same = 'kept.symbol = bars.symbol and kept.time = bars.time';
    await ask(`update ralph.bars set ${prices((name) => `kept.${name}`)} from kept where ${same}`);
    await ask('drop table kept');
    await database.close();
  }
}

const opened = (events: readonly RunEvent[]) => events.filter(({ type }) => type === 'holdout.opened').length;

test('a keep has its holdout under the costs and gates that it was kept under, on days on which nothing was chosen', async (t) => {
  const server = await serve(t, writer([strategySource(PLAIN)]));
  const config = configWith(project, 'kept', 'gates.yaml', keepAll);
  takeCanariesAsSent(project, 'config/kept');
  const windows = windowsYaml(window(191, 230), window(231, 260));
  writeFileSync(join(project.dir, 'config', 'kept', 'windows.yaml'), windows);
  const run = await project.ralph(['run', '--tag', 'kept', '--cycles', '1', ...config], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));

  const seen = await promoteAfter('windows.yaml', () => windowsYaml(window(191, 219), window(220, 260)));
  assert.equal(seen.exitCode, 2, seen.said);
  assert.match(seen.said, /days that a search has seen: holdout: 2021-08-09 to 2021-08-19 was selection of kept/);
  const cheap = await promoteAfter('market.yaml', (text) => text.replace(/takerBps: .*/, 'takerBps: 0'));
  assert.equal(cheap.exitCode, 2, cheap.said);
  assert.match(cheap.said, /^market\.yaml changed since 0001-1 was kept: its holdout would be played by other rules/m);
  const easy = await promoteAfter('gates.yaml', (text) => text.replace(/alpha: .*/, 'alpha: 0.9'));
  assert.match(easy.said, /^gates\.yaml changed since 0001-1 was kept/m);
  assert.equal(opened(project.events('kept')), 0, 'a refusal opens nothing');

  const other = await withBars(`exp(0.00002 * extract(epoch from time - '2021-08-20') / 60)`, async () =>
    promoteAfter('windows.yaml', (text) => text),
  );
  assert.equal(other.exitCode, 2, other.said);
  assert.match(other.said, /the bars of holdout are not those under which 0001-1 was kept/);
  assert.equal(opened(project.events('kept')), 0, 'a refusal opens nothing');

  const asKept = await promoteAfter('windows.yaml', (text) => text);
  assert.match(asKept.said, /sharpe \S+ over \S+ years at opening 1;/);
  assert.equal(opened(project.events('kept')), 1);
});

test('an answer of the holdout that was changed or cut off the journal is found, also after a repair, and refuses a start', async (t) => {
  const path = join(project.dir, 'runs', 'kept', 'journal.jsonl');
  const text = readFileSync(path, 'utf8');
  const lines = text.trimEnd().split('\n');
  const ask = async (...args: string[]) => {
    const { exitCode, stdout } = await project.ralph(['verify', '--tag', 'kept', '--json', ...args]);
    return {
      exitCode,
      problems: JSON.parse(String(stdout))
        .problems.map(({ what }: Problem) => what)
        .join('\n'),
    };
  };
  assert.deepEqual(await ask(), { exitCode: 0, problems: '' });
  const changed = lines.at(-1)!.replace(/"answer":"[^"]*"/, '"answer":"confirmed, no doubt"');
  const noted = /the ledger noted what the holdout said of trial 0001-1/;
  for (const other of [[...lines.slice(0, -1), changed], lines.slice(0, -2)]) {
    writeFileSync(path, `${other.join('\n')}\n`);
    assert.match((await ask()).problems, noted);
    const repaired = await ask('--repair');
    assert.deepEqual([repaired.exitCode, noted.test(repaired.problems)], [1, true], repaired.problems);
  }
  const server = await serve(t, writer([strategySource(PLAIN)]));
  const args = ['run', '--tag', 'kept', '--cycles', '2', '--config', 'config/kept'];
  const refused = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(refused.exitCode, 1, String(refused.all));
  assert.match(String(refused.all), noted);
  writeFileSync(path, text);
  assert.equal((await ask('--repair')).exitCode, 0);
});
