import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { RunEvent } from '../../../src/journal/events.ts';
import { openJournal, readJournal } from '../../../src/journal/journal.ts';
import { rowsOf } from '../../../src/journal/projections/rows.ts';
import { chainProblems } from '../../../src/journal/verify/chain.ts';
import { killSealing, SEALING_POINTS } from '../../../src/lab/failpoints/seal-kill.ts';
import { cycleEvents, startOfRun } from '../../../src/lab/story.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'ralph-seal-'));
const plain = (events: readonly RunEvent[]) => JSON.parse(JSON.stringify(events)) as RunEvent[];

/** A journal sealed every 12 kB or, as the reference, never. */
function written(path: string, sealBytes: number, cycles = 20): void {
  let clock = 0;
  const journal = openJournal(path, { sealBytes, now: () => ++clock });
  if (journal.events.length === 0) journal.append(startOfRun);
  const done = journal.events.filter(({ type }) => type === 'cycle.mirrored').length;
  for (let cycle = done + 1; cycle <= cycles; cycle++) for (const event of cycleEvents(cycle)) journal.append(event);
  journal.close();
}

const parts = (path: string) =>
  readdirSync(join(path, '..'))
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort();

test('sealing loses no byte and changes nothing that a reader sees', () => {
  const [sealed, whole] = [join(folder(), 'journal.jsonl'), join(folder(), 'journal.jsonl')];
  written(sealed, 12_000);
  written(whole, 1e9);
  assert.ok(parts(sealed).length >= 4, `${parts(sealed).length} parts`);
  const strip = (events: RunEvent[]) =>
    plain(events)
      .filter(({ type }) => type !== 'journal.sealed')
      .map((event) => ({ ...event, seq: 0, at: 0, prev: '' }));
  const [light, full] = [readJournal(sealed), readJournal(whole)];
  assert.deepEqual(strip(light), strip(full));
  assert.deepEqual(rowsOf(light), rowsOf(full));
  for (const [i, event] of light.entries()) {
    assert.equal(event.seq, i + 1);
    for (const [name, value] of Object.entries(plain([event])[0])) {
      assert.deepEqual((event as unknown as Record<string, unknown>)[name], value, `${event.type}.${name}`);
    }
  }
  const texts = parts(sealed).map((name) => gunzipSync(readFileSync(join(sealed, '..', name))).toString());
  const all = [...texts, readFileSync(sealed, 'utf8')].join('');
  assert.equal(all.trimEnd().split('\n').length, light.length);
  assert.deepEqual(chainProblems(sealed).problems, []);
});

/** Events that hold their own fields in memory, not a place in a sealed part. */
const whole = (events: readonly RunEvent[]) => events.filter((event) => Object.keys(event).length > 0);

test('one long life keeps no event of a sealed part whole, whatever optional fields it has', () => {
  const path = join(folder(), 'journal.jsonl');
  const journal = openJournal(path, { sealBytes: 12_000 });
  journal.append(startOfRun);
  for (let cycle = 1; cycle <= 60; cycle++) for (const event of cycleEvents(cycle)) journal.append(event);
  const live = readFileSync(path, 'utf8').trim().split('\n').length;
  // The start of the run, and a seal a part.
  const expected = 1 + parts(path).length + live - 1;
  assert.ok(journal.events.length > 5 * expected, `${journal.events.length} events, ${expected} may be whole`);
  assert.deepEqual(
    Map.groupBy(whole(journal.events).slice(0, -live), ({ type }) => type)
      .keys()
      .toArray(),
    ['run.started', 'journal.sealed'],
  );
  assert.equal(whole(journal.events).length, expected);
  assert.equal(whole(readJournal(path)).length, expected);
  journal.close();
});

test('memory and replay agree after sealing in the same process', () => {
  const path = join(folder(), 'journal.jsonl');
  const journal = openJournal(path, { sealBytes: 12_000 });
  journal.append(startOfRun);
  for (let cycle = 1; cycle <= 8; cycle++) for (const event of cycleEvents(cycle)) journal.append(event);
  assert.deepEqual(plain(journal.events), plain(readJournal(path)));
  journal.close();
});

test('a new segment seals what came before it', () => {
  const path = join(folder(), 'journal.jsonl');
  written(path, 50_000, 4);
  const journal = openJournal(path, { sealBytes: 50_000 });
  journal.append({ type: 'segment.started', segment: 2, provenance: { engine: 'e2' }, changed: ['engine'] });
  journal.close();
  assert.equal(parts(path).length, 1);
  assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, 1);
});

test('a lost or damaged index is made again from the evidence; lost or damaged evidence is named', () => {
  const path = join(folder(), 'journal.jsonl');
  written(path, 12_000);
  const before = plain(readJournal(path));
  const index = path.replace('.jsonl', '.000001.index.json');
  rmSync(index);
  writeFileSync(path.replace('.jsonl', '.000002.index.json'), '{}');
  assert.deepEqual(plain(readJournal(path)), before);
  assert.equal(chainProblems(path).problems.length, 0);
  const part = join(path, '..', parts(path)[1]);
  const text = gunzipSync(readFileSync(part)).toString();
  writeFileSync(part, gzipSync(text.replace('"turns":12', '"turns":13')));
  const problems = chainProblems(path).problems;
  assert.ok(
    problems.some(({ where }) => where.startsWith(`${part}:`)),
    JSON.stringify(problems),
  );
  rmSync(path.replace('.jsonl', '.000002.index.json'));
  assert.throws(() => readJournal(path), /journal\.000002\.jsonl\.gz.*not what was sealed/);
  rmSync(part);
  assert.throws(() => readJournal(path), /000002\.jsonl\.gz/);
});

test('a seal that was changed is found also where no line behind it holds its hash', () => {
  const path = join(folder(), 'journal.jsonl');
  written(path, 10, 1);
  const [line, ...behind] = readFileSync(path, 'utf8').trim().split('\n');
  assert.deepEqual(behind, []);
  writeFileSync(path, `${line.replace(/"sha256":"[0-9a-f]+"/, `"sha256":"${'0'.repeat(64)}"`)}\n`);
  const what = chainProblems(path).problems.map((problem) => problem.what);
  assert.equal(what.length, 1);
  assert.match(what[0], /its text is not what was sealed/);
});

test('an empty journal beside sealed parts is refused, not begun again', () => {
  const path = join(folder(), 'journal.jsonl');
  written(path, 12_000);
  rmSync(path);
  assert.throws(() => openJournal(path), /is empty, but sealed parts of it lie beside it/);
});

for (const point of SEALING_POINTS)
  test(`a kill, or a power cut, at ${point} leaves a journal that replays and goes on`, async () => {
    const ends = await Promise.all([killSealing(point), killSealing(point, { powerCut: true })]);
    assert.deepEqual(
      ends.flatMap(({ problems }) => problems),
      [],
    );
  });
