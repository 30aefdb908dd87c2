import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import type { Entry } from '../../src/ledger/entries.ts';
import { mergeLedger, onlyInBackup, openLedger } from '../../src/ledger/ledger.ts';
import { openStore } from '../../src/ledger/store.ts';
import { look, noise, series, setting, trial } from './support.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-ledger-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const BTC = series('BTCUSD', noise('btc'));
const HERE = setting([BTC.series]);

/** What is spent on HERE once these entries are in. */
async function spent(dataDir: string, entries: readonly Entry[] = []) {
  const ledger = openLedger({ dataDir });
  try {
    return await ledger.add(entries, (book) => book.spentOn(HERE));
  } finally {
    await ledger.close();
  }
}

test('N and looks are counted over every run, and an entry that comes again changes nothing', async (t) => {
  const dir = folder(t);
  const first = await spent(dir, [BTC, HERE, trial('a', '0001-1', HERE), look('a', '0001-1', HERE)]);
  assert.deepEqual([first.trials, first.looks, first.tags], [1, 1, ['a']]);
  const again = await spent(dir, [BTC, HERE, trial('a', '0001-1', HERE), look('a', '0001-1', HERE)]);
  assert.deepEqual([again.trials, again.looks], [1, 1]);
  const second = await spent(dir, [trial('b', '0001-1', HERE)]);
  assert.deepEqual([second.trials, second.looks, second.tags], [2, 1, ['a', 'b']]);
});

test('two hundred charges of five processes at once: none is lost, none counted twice, every N is its own', async (t) => {
  const dir = folder(t);
  await spent(dir, [BTC, HERE]);
  const program = `
    const { openLedger } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/ledger/ledger.ts'))});
    const { dir, here, run } = JSON.parse(process.argv[1]);
    const ledger = openLedger({ dataDir: dir });
    const counts = await Promise.all(Array.from({ length: 40 }, (_, i) => ledger.add(
      [{ type: 'trial', run, tag: run, trial: String(i), setting: here.setting, fingerprint: 'f', journal: { seq: 1, hash: 'h' } }],
      (book) => book.spentOn(here).trials)));
    console.log(JSON.stringify(counts));`;
  const outputs = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((run) =>
      execa(process.execPath, ['--input-type=module', '-e', program, JSON.stringify({ dir, here: HERE, run })]),
    ),
  );
  const counts = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as number[]);
  assert.deepEqual(
    counts.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  assert.equal((await spent(dir)).trials, 200);
});

test('a kill before the line is written leaves no charge, no lock and a ledger that goes on', async (t) => {
  const dir = folder(t);
  await spent(dir, [BTC, HERE]);
  const program = `
    const { openLedger } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/ledger/ledger.ts'))});
    await openLedger({ dataDir: process.argv[1] }).add([JSON.parse(process.argv[2])], () => 0);`;
  const args = ['--input-type=module', '-e', program, dir, JSON.stringify(trial('a', '0001-1', HERE))];
  const killed = await execa(process.execPath, args, { reject: false, env: { RALPH_FAILPOINT: 'ledger.add.before' } });
  assert.equal(killed.signal, 'SIGKILL');
  assert.equal((await spent(dir)).trials, 0);
  await execa(process.execPath, args);
  assert.equal((await spent(dir)).trials, 1);
});

test('lines cannot be changed, and a ledger that was changed around its guard is refused', async (t) => {
  const dir = folder(t);
  await spent(dir, [BTC, HERE, trial('a', '1', HERE), trial('a', '2', HERE)]);
  const db = new DatabaseSync(join(dir, 'ledger.sqlite'));
  assert.throws(() => db.exec('delete from ledger where seq = 3'), /only grows/);
  db.exec('drop trigger ledger_no_delete; delete from ledger where seq = 3');
  db.close();
  await assert.rejects(spent(dir), /line 3 does not follow/);
});

test('a file that is no database is refused by its name, with what to do', (t) => {
  const dir = folder(t);
  for (const name of ['ledger', 'forward']) writeFileSync(join(dir, `${name}.sqlite`), 'no database at all'.repeat(99));
  const told = { message: /^the ledger \S+ledger\.sqlite cannot be read: /, remedy: /ledger --merge FILE/ };
  assert.throws(() => openStore({ dataDir: dir }, 'ledger'), told);
  const other = { message: /^the forward record \S+forward\.sqlite cannot be read: /, remedy: /^Put a backup/ };
  assert.throws(() => openStore({ dataDir: dir }, 'forward'), other);
});

test('a run that was copied and went on on two machines: what either tried and looked at counts, merged once, twice and both ways', async (t) => {
  const dirs = [folder(t), folder(t)];
  const common = [BTC, HERE, trial('a', '0001-1', HERE)];
  const own = (code: string): Entry[] => [
    { ...trial('a', '0002-1', HERE), fingerprint: code },
    look('a', '0002-1', HERE),
  ];
  for (const [k, dir] of dirs.entries()) await spent(dir, [...common, ...own(`code-${k}`)]);
  const [one, two] = dirs.map((dataDir) => openLedger({ dataDir }));
  const merged = async (from: typeof one, into: typeof one) => {
    await mergeLedger(into, (await from.lines()).join('\n'));
    const { trials, looks } = await into.add([], (book) => book.spentOn(HERE));
    return [trials, looks];
  };
  for (const [from, into] of [
    [one, two],
    [one, two],
    [two, one],
    [one, two],
  ])
    assert.deepEqual(await merged(from, into), [3, 2]);
  assert.equal(
    await one.add([], (book) => book.journalOf('a')?.trial),
    '0002-1',
    'its journal is not that of the copy',
  );
  await one.close();
  await two.close();
});

test('a backup of one machine merges into another: every count once, and a damaged backup is refused', async (t) => {
  const [one, two] = [folder(t), folder(t)];
  await spent(one, [BTC, HERE, trial('a', '1', HERE), look('a', '1', HERE)]);
  await spent(two, [BTC, HERE, trial('b', '1', HERE)]);
  const [from, into] = [openLedger({ dataDir: one }), openLedger({ dataDir: two })];
  const backup = `${(await from.lines()).join('\n')}\n`;
  assert.equal(await mergeLedger(into, backup), 2);
  assert.equal(await mergeLedger(into, backup), 0);
  const all = await into.add([], (book) => book.spentOn(HERE));
  assert.deepEqual([all.trials, all.looks, all.tags], [2, 1, ['b', 'a']]);
  await assert.rejects(mergeLedger(into, backup.replace('"a"', '"z"')), /line \d of the backup/);
  await from.close();
  await into.close();
});

const CHANGES: Record<string, string> = {
  'a line that is no JSON': "update ledger set text = 'x' || text where seq = 3",
  'an empty object': "update ledger set text = '{}' where seq = 4",
  'an entry of an unknown kind': `update ledger set text = replace(text, '"look"', '"glance"') where seq = 4`,
};
for (const [name, sql] of Object.entries(CHANGES))
  test(`${name} in a ledger is refused by its line, also for a backup, and what the refusal says to do works`, async (t) => {
    const dir = folder(t);
    const lines = [BTC, HERE, trial('a', '1', HERE), look('a', '1', HERE)];
    await spent(dir, lines);
    const whole = openLedger({ dataDir: dir });
    const backup = (await whole.lines()).join('\n');
    await whole.close();
    const path = join(dir, 'ledger.sqlite');
    const db = new DatabaseSync(path);
    db.exec(`drop trigger ledger_no_update; ${sql}`);
    db.close();
    const remedy = /Move ledger\.sqlite .* ledger --merge FILE/;
    await assert.rejects(spent(dir), { name: 'StoreDamaged', message: /line [34]/, remedy });
    const damaged = openLedger({ dataDir: dir });
    await assert.rejects(damaged.lines(), { name: 'StoreDamaged' });
    await damaged.close();
    for (const each of readdirSync(dir)) renameSync(join(dir, each), join(folder(t), each));
    const again = openLedger({ dataDir: dir });
    assert.equal(await onlyInBackup(again, backup), lines.length);
    assert.equal(await mergeLedger(again, backup), lines.length);
    assert.equal(await onlyInBackup(again, backup), 0);
    await again.close();
    assert.deepEqual(await spent(dir).then(({ trials, looks }) => [trials, looks]), [1, 1]);
  });
