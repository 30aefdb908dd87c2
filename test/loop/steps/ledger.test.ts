import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { readGatesConfig } from '../../../src/gates/config.ts';
import { feasibilityOf } from '../../../src/gates/feasibility.ts';
import type { EventOf, EventType } from '../../../src/journal/events.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { configWith, makeProject, type Project, serve } from '../../../src/lab/project.ts';
import type { MarketRow } from '../../../src/ledger/book.ts';
import { readWindowsConfig } from '../../../src/market/windows.ts';
import { PLAIN, strategySource, writer } from '../brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

const plain = () => writer([strategySource(PLAIN)]);

function ofType<T extends EventType>(tag: string, type: T): EventOf<T>[] {
  return project.events(tag).flatMap((event) => (event.type === type ? [event as EventOf<T>] : []));
}

async function sound(tag: string): Promise<void> {
  assert.deepEqual((await verifyRun(join(project.dir, 'runs', tag))).problems, []);
}

async function market(): Promise<MarketRow> {
  const told = await project.ralph(['ledger', '--config', 'config/test', '--json']);
  return JSON.parse(String(told.stdout))[0];
}

/** Gates that send whatever trades to the held-back data, whatever it earns on train. */
const OPEN_TO_SELECTION = (gates: string) =>
  gates
    .replace(/^off: .*$/m, 'off: [stress, neighbours, subperiods, deflation, pbo, "null"]')
    .replace(/^ {2}minSharpe: 0.5$/m, '  minSharpe: -3')
    .replace(/^ {2}minProfitFactor: .*$/m, '  minProfitFactor: 0.1');

test('another tag on the same data starts where the first one ended, with or without the first one’s folder', async (t) => {
  const server = await serve(t, plain());
  const search = async (tag: string) => {
    const run = await project.ralph(['run', '--tag', tag, '--cycles', '1', '--config', 'config/test'], {
      RALPH_BASE_URL: server.baseUrl,
    });
    assert.equal(run.exitCode, 0, String(run.all));
    return ofType(tag, 'trial.started');
  };
  const first = await search('first');
  assert.deepEqual([first[0].n, first[0].looks], [1, 0]);
  rmSync(join(project.dir, 'runs', 'first'), { recursive: true });
  const second = await search('second');
  assert.equal(second[0].n, first.length + 1);
  assert.ok(second[0].ledger !== undefined && second[0].ledger.seq > (first.at(-1)?.ledger?.seq ?? 0));
  const { symbol, trials, tags } = await market();
  assert.deepEqual([symbol, trials, tags], ['SIMUSD', first.length + second.length, ['first', 'second']]);
  await sound('second');
});

test('a trial is reproduced without a ledger; status reads N from it, and a report of an older run shows what was forgotten since', async () => {
  const path = join(project.dir, '.data', 'demo', 'ledger.sqlite');
  renameSync(path, `${path}.away`);
  const [{ trial }] = ofType('second', 'trial.started');
  const reproduced = await project.ralph(['reproduce', trial, '--tag', 'second', '--json']);
  assert.equal(reproduced.exitCode, 0, String(reproduced.all));
  assert.ok(!existsSync(path), 'nothing was charged');
  renameSync(`${path}.away`, path);
  const status = async () => JSON.parse(String((await project.ralph(['status', '--tag', 'second', '--json'])).stdout));
  assert.equal((await status()).n, (await market()).trials);
  const why = 'the bars were wrong';
  const args = ['ledger', '--config', 'config/test', '--symbol', 'SIMUSD', '--forget', why];
  assert.equal((await project.ralph(args)).exitCode, 0);
  assert.equal((await status()).n, 0);
  const report = await project.ralph(['report', '--tag', 'second']);
  assert.match(String(report.stdout), /forgotten: the bars were wrong/);
});

for (const point of ['loop.charge.ledger', 'loop.look.ledger']) {
  test(`kill -9 between ledger and journal (${point}): the same command goes on, and nothing is counted twice`, async (t) => {
    const tag = point.replaceAll('.', '-');
    const server = await serve(t, plain());
    const before = await market();
    const args = ['run', '--tag', tag, '--cycles', '2', ...configWith(project, tag, 'gates.yaml', OPEN_TO_SELECTION)];
    const killed = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl, RALPH_FAILPOINT: point });
    assert.equal(killed.signal, 'SIGKILL', String(killed.all));
    const again = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
    assert.equal(again.exitCode, 0, String(again.all));
    const [trials, looks] = [ofType(tag, 'trial.started'), ofType(tag, 'selection.looked')];
    assert.ok(trials.length >= 2 && looks.length >= 1, `${trials.length} trials, ${looks.length} looks`);
    const now = await market();
    assert.deepEqual([now.trials - before.trials, now.looks - before.looks], [trials.length, looks.length]);
    assert.deepEqual(
      looks.map(({ look }) => look),
      looks.map((_, i) => before.looks + i + 1),
    );
    await sound(tag);
  });
}

test('verify tells of a ledger that is older than the run or damaged; a backup does not give way to one that holds less', async () => {
  const path = join(project.dir, '.data', 'demo', 'ledger.sqlite');
  const whole = readFileSync(path);
  const backup = join(project.dir, 'ledger.backup');
  const write = () => project.ralph(['ledger', '--config', 'config/test', '--backup', backup]);
  assert.equal((await write()).exitCode, 0);
  const damage = async (sql: string) => {
    const db = new DatabaseSync(path);
    db.exec(`drop trigger ledger_no_update; drop trigger ledger_no_delete; ${sql}`);
    db.close();
    const told = await project.ralph(['verify', '--tag', 'loop-look-ledger', '--json']);
    const written = await write();
    for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    writeFileSync(path, whole);
    const { ok, problems } = JSON.parse(String(told.stdout));
    assert.deepEqual([told.exitCode, ok, problems.length, problems[0].where], [1, false, 1, path]);
    return { problem: problems[0], refusal: String(written.all) };
  };
  const last = `(select max(seq) from ledger where text like '%"type":"trial"%')`;
  const older = await damage(`delete from ledger where seq >= ${last}`);
  assert.match(older.problem.what, /lacks \d+ of \d+ lines of this run/);
  assert.match(older.problem.remedy, /^Start the run once more/);
  assert.match(older.refusal, /holds \d lines? that this ledger does not hold/);
  const damaged = await damage("update ledger set text = 'x' || text where seq = 3");
  assert.match(damaged.problem.what, /line 3 does not follow/);
  assert.match(damaged.refusal, /line 3 does not follow/);
});

test('a journal cut back to where a trial was charged: other code under that trial’s number is another trial and another look', async (t) => {
  const before = await market();
  const args = ['run', '--tag', 'cut', '--cycles', '1', ...configWith(project, 'cut', 'gates.yaml', OPEN_TO_SELECTION)];
  const search = async (source: string, env: Record<string, string> = {}) => {
    const server = await serve(t, writer([source]));
    return project.ralph(args, { RALPH_BASE_URL: server.baseUrl, ...env });
  };
  const killed = await search(strategySource(PLAIN), { RALPH_FAILPOINT: 'loop.evaluate.after' });
  assert.equal(killed.signal, 'SIGKILL', String(killed.all));
  assert.equal(ofType('cut', 'selection.looked').length, 1);
  const journal = join(project.dir, 'runs', 'cut', 'journal.jsonl');
  const lines = readFileSync(journal, 'utf8').split('\n');
  const [{ seq, trial }] = ofType('cut', 'trial.started');
  writeFileSync(journal, `${lines.slice(0, seq - 1).join('\n')}\n`);

  const again = await search(strategySource(PLAIN.replace('target(1)', 'target(0.9)')));
  assert.equal(again.exitCode, 0, String(again.all));
  const now = await market();
  const trials = ofType('cut', 'trial.started');
  const looks = ofType('cut', 'selection.looked');
  assert.ok(looks.length >= 1);
  assert.deepEqual(
    [now.trials - before.trials, now.looks - before.looks],
    [1 + trials.length, 1 + looks.length],
    `${trial} was spent, and so was what came in its place`,
  );
  await sound('cut');
});

/** The test's gates, under which the next look still leaves something to keep and the one after it nothing. */
async function lastLook(name: string, whenLooksAreSpent: string): Promise<string[]> {
  const windows = readWindowsConfig(join(project.dir, 'config', 'test', 'windows.yaml'));
  const { looks } = await market();
  const config = configWith(project, name, 'gates.yaml', OPEN_TO_SELECTION);
  const gates = readGatesConfig(join(project.dir, 'config', name, 'gates.yaml'));
  const [now, then] = [looks, looks + 1].map((taken) => feasibilityOf(windows, gates, 1, taken).sharpe);
  configWith(project, name, 'gates.yaml', (text) =>
    OPEN_TO_SELECTION(text).replace(/^ {2}maxSharpe: .*$/m, `  maxSharpe: ${(now + then) / 2}`),
  );
  const ralph = join(project.dir, 'config', name, 'ralph.yaml');
  writeFileSync(ralph, `${readFileSync(ralph, 'utf8')}whenLooksAreSpent: ${whenLooksAreSpent}\n`);
  return config;
}

test('when nothing can be kept any more the run says why and ends with exit 3 before the next cycle, and so does the next start', async (t) => {
  const server = await serve(t, plain());
  const args = ['run', '--tag', 'spent', '--cycles', '3', ...(await lastLook('spent', 'stop'))];
  const run = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(run.exitCode, 3, String(run.all));
  assert.match(String(run.all), /nothing can be kept on these data any more after \d+ trials and \d+ looks/);
  assert.equal(ofType('spent', 'selection.looked').length, 1);
  const cycles = ofType('spent', 'cycle.started').length;
  assert.ok(cycles < 3);
  assert.equal(ofType('spent', 'cycle.committed').length, cycles, 'what was begun is finished');
  const again = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(again.exitCode, 3, String(again.all));
  assert.equal(ofType('spent', 'cycle.started').length, cycles);
});

test('with whenLooksAreSpent: train-only the run goes on, every trial says so, and nothing held back is looked at', async (t) => {
  const server = await serve(t, plain());
  const args = ['run', '--tag', 'on', '--cycles', '3', ...(await lastLook('on', 'train-only'))];
  const run = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(run.exitCode, 0, String(run.all));
  const trials = ofType('on', 'trial.started');
  assert.equal(ofType('on', 'cycle.committed').length, 3);
  const looked = ofType('on', 'selection.looked');
  assert.equal(looked.length, 1);
  assert.deepEqual(
    trials.map(({ trainOnly = false }) => trainOnly),
    trials.map(({ seq }) => seq > looked[0].seq),
  );
  const report = await project.ralph(['report', '--tag', 'on', '--config', 'config/on']);
  assert.match(String(report.stdout), /train only/);
});

test('a ledger that was lost is made again from the journal by the next start', async (t) => {
  const server = await serve(t, plain());
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm'])
    rmSync(join(project.dir, '.data', 'demo', name), { force: true });
  const args = ['run', '--tag', 'on', '--cycles', '3', '--config', 'config/on'];
  const run = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(run.exitCode, 0, String(run.all));
  const { trials, looks, tags } = await market();
  assert.deepEqual([trials, looks, tags], [ofType('on', 'trial.started').length, 1, ['on']]);
  assert.match(
    String(run.all),
    /the ledger counts \d+ trials on these data, and \d+ when \S+ was charged: it is older/,
  );
});
