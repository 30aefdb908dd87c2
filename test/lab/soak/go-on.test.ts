import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../../src/base/roots.ts';
import { childrenOf, needsProc } from '../../../src/lab/processes.ts';
import { during } from '../../../src/lab/project.ts';
import { curveOf } from '../../../src/lab/soak/curve.ts';
import { endure, type SoakOptions } from '../../../src/lab/soak/endure.ts';
import { openHome } from '../../../src/lab/soak/home.ts';
import { openRecord } from '../../../src/lab/soak/record.ts';
import { isClean } from '../../../src/lab/soak/report.ts';
import { openOutbox } from '../../../src/tracking/outbox.ts';

const OPTIONS: Omit<SoakOptions, 'dir'> = {
  task: 'light',
  cycles: 1000,
  faults: 0,
  answerSeconds: 0.1,
  killEvery: 1e6,
  disturbEvery: 1e6,
  disturb: ['processes', 'world', 'clock'],
  seed: 1,
  minutes: 10,
};

test('a soak whose whole tree was killed goes on in its folder and loses nothing', needsProc, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-soak-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }));
  const file = join(dir, 'soak', 'record.jsonl');
  const samples = () => openedAndClosed(file).samples;
  const soak = execa(process.execPath, [join(PACKAGE_ROOT, 'scripts', 'soak.ts'), ...ARGUMENTS, '--dir', dir], {
    cwd: PACKAGE_ROOT,
    reject: false,
    all: true,
    stdin: 'ignore',
  });
  const delivered = () => openOutbox(join(dir, 'runs', 'soak'), false).deliveredDigests().size;
  // One at least is a trial, which nobody sends again.
  await during(soak, () => lastOf(dir) >= 3 && delivered() >= 2);
  killTree(soak.pid!);
  const { signal, all } = await soak;
  assert.equal(signal, 'SIGKILL', String(all));
  const before = openedAndClosed(file);
  assert.ok(before.samples.length > 0 && before.secondsNow > 0);
  // What a kill in the middle of a line leaves, and in the middle of a disturbance.
  appendFileSync(file, '{"is":"surp');
  writeFileSync(join(dir, 'runs', 'soak', 'PAUSE'), '');
  writeFileSync(join(dir, 'clock-shift'), '3600000');

  await assert.rejects(endure({ ...OPTIONS, dir, seed: 2 }), /begun with other options: seed was 1 and is 2/);
  const cycles = lastOf(dir) + 2;
  const report = await endure({ ...OPTIONS, dir, cycles });
  assert.ok(isClean(report), JSON.stringify({ ...report, curve: null }));
  assert.equal(report.cycles, cycles);
  assert.deepEqual([report.stretches, report.starts, report.disturbances], [2, 2, { 'tree killed': 1 }]);
  assert.ok(report.seconds > before.secondsNow);
  const lives = new Set(report.curve.samples.flatMap(({ role, life }) => (role === 'harness' ? [life] : [])));
  assert.deepEqual(
    [...lives].map((life) => life.split('/')[0]),
    ['1', '2'],
  );
  assert.deepEqual(report.curve.samples, samples());
  assert.match(curveOf(report.curve), /harness/);

  // A run whose soak kept no record is taken up, and all of it is to be sent again.
  rmSync(join(dir, 'soak'), { recursive: true });
  const home = await openHome({ ...OPTIONS, dir }, 'soak');
  t.after(() => home.close());
  const { adopted, starts, secondsBefore } = home.record.counts;
  assert.deepEqual([adopted?.cycles, starts, secondsBefore], [cycles, 3, adopted?.seconds]);
  assert.equal(openOutbox(join(dir, 'runs', 'soak')).deliveredDigests().size, 0);
  await assert.rejects(endure({ ...OPTIONS, dir }), /another soak goes on/);
});

test('a soak leaves a folder alone that holds something else', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-soak-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'mine'), 'text');
  await assert.rejects(endure({ ...OPTIONS, dir }), /holds something, and no soak/);
  await assert.rejects(endure({ ...OPTIONS, dir, disturb: ['disk'] }), /would not be taken back/);
});

const ARGUMENTS = [
  ...['--task', OPTIONS.task, '--cycles', String(OPTIONS.cycles), '--faults', String(OPTIONS.faults)],
  ...['--answer-seconds', String(OPTIONS.answerSeconds), '--kill-every', String(OPTIONS.killEvery)],
  ...['--disturb-every', String(OPTIONS.disturbEvery), '--minutes', String(OPTIONS.minutes)],
];

/** Stops each before it is looked into, so that it starts nothing meanwhile. */
function killTree(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  for (const child of childrenOf(pid)) killTree(child);
  process.kill(pid, 'SIGKILL');
}

function lastOf(dir: string): number {
  try {
    return readFileSync(join(dir, 'runs', 'soak', 'journal.jsonl'), 'utf8').split('"type":"cycle.mirrored"').length - 1;
  } catch {
    return 0;
  }
}

function openedAndClosed(file: string) {
  const record = openRecord(file);
  record.close();
  return record.counts;
}
