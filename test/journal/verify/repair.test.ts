import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { repairRun } from '../../../src/journal/verify/repair.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { buildRunFolder } from '../../../src/lab/bench/run-folder.ts';

let sound: string;
let sealed: string;
let bytes: Record<string, string>;
before(async () => {
  sound = buildRunFolder(5, { own: true });
  sealed = buildRunFolder(8, { own: true, partBytes: 12_000 });
  bytes = filesOf(sound);
});

/** Every file that a damage below touches, by name. */
function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  const kept = names.filter(
    (name) => /^(journal\.|results|history|hints|objects.|cycles.*\.\w+$)/.test(name) && !/aside|reserve/.test(name),
  );
  return Object.fromEntries(kept.map((name) => [name, readFileSync(join(dir, name)).toString('latin1')]));
}

/** A copy of a run, with its project around it. */
function copy(from: string): string {
  const project = mkdtempSync(join(tmpdir(), 'ralph-repair-'));
  cpSync(from, join(project, 'runs', 't'), { recursive: true });
  return join(project, 'runs', 't');
}

const project = (dir: string) => dirname(dirname(dir));
const journal = (dir: string) => join(dir, 'journal.jsonl');

/** The journal without what stands behind the last commit: nothing proves that. */
const provable = (text: string) =>
  `${text.slice(0, text.lastIndexOf('\n', text.lastIndexOf('"type":"cycle.committed"')))}\n`;

const LOST: Record<string, (dir: string) => void> = {
  'cut at its end': (dir) =>
    writeFileSync(journal(dir), bytes['journal.jsonl'].slice(0, bytes['journal.jsonl'].length / 2)),
  emptied: (dir) => writeFileSync(journal(dir), ''),
  deleted: (dir) => rmSync(journal(dir)),
  'damaged in the middle': (dir) =>
    writeFileSync(journal(dir), bytes['journal.jsonl'].replace('"outcome":"discard"', '"outcome":"keep"')),
};

for (const [name, damage] of Object.entries(LOST))
  test(`a journal that was ${name} is made again, byte for byte, from the copies that the branch proves`, async () => {
    const dir = copy(sound);
    damage(dir);
    assert.equal((await verifyRun(dir)).ok, false);
    const { rebuilt, lost } = await repairRun(dir, project(dir));
    assert.ok(rebuilt.includes('journal.jsonl'), JSON.stringify(rebuilt));
    const text = readFileSync(journal(dir), 'utf8');
    const whole = name === 'damaged in the middle';
    // The table knows what was behind the last commit.
    assert.equal(lost.length, whole ? 0 : 1, JSON.stringify(lost));
    if (!whole) assert.match(lost[0], /journal\.jsonl: events? \d+( to \d+ are| is) gone/);
    assert.equal((await verifyRun(dir)).ok, true);
    assert.equal(text, whole ? bytes['journal.jsonl'] : provable(bytes['journal.jsonl']));
  });

test('a journal that was written again, hashes and all, gives way to the one that the branch proves, and is kept aside', async () => {
  const dir = copy(sound);
  const other = readFileSync(journal(buildRunFolder(5, { own: true, start: 1.8e12 })), 'utf8');
  writeFileSync(journal(dir), other);
  const { rebuilt } = await repairRun(dir, project(dir));
  const { ok } = await verifyRun(dir);
  assert.deepEqual([rebuilt[0], ok], ['journal.jsonl', true]);
  assert.equal(readFileSync(journal(dir), 'utf8'), provable(bytes['journal.jsonl']));
  assert.equal(readFileSync(`${journal(dir)}.aside-1`, 'utf8'), other);
});

test('sealed parts and the live file are made again from the copies, each as it was', async () => {
  const dir = copy(sealed);
  const before = filesOf(dir);
  for (const name of readdirSync(dir).filter((each) => /^journal\..*(gz|index.json)$/.test(each)))
    rmSync(join(dir, name));
  const { lost } = await repairRun(dir, project(dir));
  const { ok, problems } = await verifyRun(dir);
  assert.deepEqual([lost, ok], [[], true], JSON.stringify(problems));
  assert.deepEqual(filesOf(dir), before);
});

test('tables, objects, cycle files, the file that names the branch and the branch itself are made again', async () => {
  const dir = copy(sound);
  const gone = ['results.tsv', 'history.json', 'STATUS.md', 'worktree.json'];
  for (const name of gone) rmSync(join(dir, name));
  for (const name of ['verdict.json', 'report.json', 'strategy.ts', 'events.jsonl'])
    rmSync(join(dir, 'cycles', '0002', name));
  const object = /"files":\{"a.ts":"(\w+)"/.exec(bytes['journal.jsonl'])?.[1] ?? '';
  writeFileSync(join(dir, 'objects', object), 'changed');
  rmSync(join(dir, 'cycles', '0001', 'strategy.ts'));
  const tip = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: join(dir, 'worktree'), encoding: 'utf8' });
  const { lost } = await repairRun(dir, project(dir));
  const { ok, problems } = await verifyRun(dir);
  assert.deepEqual([lost, ok], [[], true], JSON.stringify(problems));
  assert.deepEqual(filesOf(dir), bytes);
  assert.equal(execFileSync('git', ['rev-parse', 'HEAD'], { cwd: join(dir, 'worktree'), encoding: 'utf8' }), tip);
});

test('what nothing holds any more is listed: cycles whose copies went with the journal, a brief, a transcript', async () => {
  const dir = copy(sound);
  const cut = bytes['journal.jsonl'].indexOf('\n', bytes['journal.jsonl'].indexOf('"cycle.mirrored","cycle":3'));
  writeFileSync(journal(dir), bytes['journal.jsonl'].slice(0, cut + 1));
  for (const cycle of ['0004', '0005']) rmSync(join(dir, 'cycles', cycle), { recursive: true });
  rmSync(join(dir, 'cycles', '0001', 'brief.md'));
  rmSync(join(dir, 'cycles', '0001', 'transcript.jsonl'));
  const { lost } = await repairRun(dir, project(dir));
  const { problems } = await verifyRun(dir);
  assert.match(lost[0], /events \d+ to \d+ are gone/);
  assert.deepEqual(
    lost.slice(1).map((what) => /events of cycle (\d) are gone; its commit \w{10} says discard/.exec(what)?.[1]),
    ['4', '5'],
  );
  for (const expected of [/are missing, with cycles 4, 5$/, /missing; cycle 1 was committed with it/])
    assert.ok(
      problems.some(({ what }) => expected.test(what)),
      JSON.stringify(problems),
    );
  assert.ok(problems.some(({ where }) => where.endsWith('0001/brief.md')));
});

test('of a part that is gone the parts behind it lose no line, and what is behind a second gap is told', async () => {
  const whole = copy(sealed);
  const before = filesOf(whole);
  rmSync(join(whole, 'journal.000001.jsonl.gz'));
  assert.deepEqual((await repairRun(whole, project(whole))).lost, []);
  assert.deepEqual(filesOf(whole), before);
  const dir = copy(sealed);
  const parts = readdirSync(dir).filter((name) => name.endsWith('.jsonl.gz'));
  rmSync(join(dir, parts.at(-1) ?? ''));
  for (const cycle of ['0005', '0006', '0007']) rmSync(join(dir, 'cycles', cycle, 'events.jsonl'));
  const { lost } = await repairRun(dir, project(dir));
  assert.match(lost.join('\n'), /journal\.jsonl: events \d+ to \d+ are gone/);
});

const WRITTEN_INTO: Record<string, (text: string) => string> = {
  'zero bytes in front of its last line': (text) => text.replace(/(?=[^\n]*\n$)/, '\0'.repeat(512)),
  'a byte order mark': (text) => `\uFEFF${text}`,
  'lines that end in CRLF': (text) => text.replaceAll('\n', '\r\n'),
};
for (const [name, change] of Object.entries(WRITTEN_INTO))
  test(`a journal with ${name} is made again whole`, async () => {
    const dir = copy(sealed);
    const text = readFileSync(journal(dir), 'utf8');
    writeFileSync(journal(dir), change(text));
    const { lost } = await repairRun(dir, project(dir));
    const { ok, problems } = await verifyRun(dir);
    assert.deepEqual([lost, ok], [[], true], JSON.stringify(problems));
    assert.equal(readFileSync(journal(dir), 'utf8'), text);
  });

test('a last line that is not the one from which the table was made is told, and the table is kept', async () => {
  const dir = copy(sound);
  const text = readFileSync(journal(dir), 'utf8').trimEnd();
  const at = text.lastIndexOf('\n');
  writeFileSync(journal(dir), `${text.slice(0, at)}${text.slice(at).replace('"at":1', '"at":2')}\n`);
  const { lost } = await repairRun(dir, project(dir));
  assert.match(lost.join('\n'), /was made from another event \d+ than the journal now ends with/);
  assert.equal(readFileSync(join(dir, 'history.json.aside-1'), 'utf8'), bytes['history.json']);
});

test('a folder, or a file of more than 2 GB, in the place of any file is a problem beside the others, and gives way', async () => {
  const names = [
    ...['cycles/0001/brief.md', 'cycles/0001/report.json', 'cycles/0001/transcript.jsonl', 'cycles/0001/events.jsonl'],
    ...['journal.jsonl', 'journal.000001.jsonl.gz', 'journal.000001.index.json', 'results.tsv', 'STATUS.md'],
    ...['history.json', 'worktree.json', `objects/${'ab'.repeat(32)}`],
  ];
  const damages = names.map((name) => [name, inPlaceOf] as const);
  // Of these no copy is kept aside.
  for (const name of ['cycles/0001/transcript.jsonl', `objects/${'ab'.repeat(32)}`]) damages.push([name, swell]);
  for (const [name, damage] of damages) {
    const dir = copy(sealed);
    damage(join(dir, name));
    const { problems } = await verifyRun(dir);
    assert.ok(problems.length > 0, `${damage.name} ${name}`);
    await repairRun(dir, project(dir));
    const left = (await verifyRun(dir)).problems.filter(({ where }) => where !== join(dir, name));
    assert.deepEqual(left, [], `${damage.name} ${name}`);
  }
});

function inPlaceOf(path: string): void {
  rmSync(path, { force: true });
  mkdirSync(path);
}

/** Takes no room: a hole behind what was there. */
function swell(path: string): void {
  writeFileSync(path, '', { flag: 'a' });
  truncateSync(path, 2.2e9);
}
