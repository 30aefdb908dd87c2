import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../src/journal/events.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { doerOf } from '../../src/task/doer.ts';
import { enterOpening, noteAnswer } from '../../src/task/ledger.ts';
import { noise, series, setting, trial } from '../ledger/support.ts';

const BTC = series('BTCUSD', noise('btc'));
const HERE = setting([BTC.series]);
const run = (tag: string) => [{ type: 'run.started', tag, at: 1, seed: 1, provenance: {} } as RunEvent];

test('runs that open the holdout at the same moment stay within the ration, and one candidate has one look', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ralph-openings-'));
  const ledger = openLedger({ dataDir });
  t.after(async () => {
    await ledger.close();
    rmSync(dataDir, { recursive: true });
  });
  const market = { ledger, setting: HERE, known: [BTC, HERE] };
  await ledger.add(market.known, () => undefined);
  // Each had asked before any of them was entered, and was told that none is.
  const enter = (tag: string, fingerprint: string) =>
    enterOpening(market, run(tag), { trial: '0001-1', candidate: `of-${tag}`, fingerprint }, [], 2);
  const ends = await Promise.allSettled([enter('a', 'x'), enter('b', 'x'), enter('c', 'y'), enter('d', 'z')]);
  assert.deepEqual(
    ends.map((end) => (end.status === 'rejected' ? end.reason.message : `opening ${end.value}`)),
    [
      'opening 1',
      'of-b has had its look at the holdout (as of-a)',
      'opening 2',
      'all 2 openings of the holdout are spent: of-a, of-c',
    ],
  );
  const { holdouts } = await ledger.add([], (book) => book.spentOn(HERE));
  assert.deepEqual(
    holdouts.map(({ tag }) => tag),
    ['a', 'c'],
  );
});

test('what the holdout answered is noted with the head of the journal, beside the trial that was charged last', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ralph-answers-'));
  const ledger = openLedger({ dataDir });
  t.after(async () => {
    await ledger.close();
    rmSync(dataDir, { recursive: true });
  });
  const events = run('a');
  const key = doerOf(events, '').run;
  const market = { ledger, setting: HERE, known: [BTC, HERE] };
  await ledger.add([...market.known, trial(key, '0007-1', HERE, 'a')], () => undefined);
  const known = () => ledger.add([], (book) => book.journalOf(key));
  await noteAnswer(market, { events, head: { seq: 9, hash: 'nine' } }, '0004-1', 'rejected');
  assert.deepEqual(await known(), { seq: 9, hash: 'nine', trial: '0007-1', answered: '0004-1' });
  // One that a later start enters is behind what is known.
  await noteAnswer(market, { events, head: { seq: 5, hash: 'five' } }, '0003-1', 'rejected');
  assert.equal((await known())?.seq, 9);
  assert.equal((await ledger.add([], (book) => book.spentOn(HERE))).trials, 1, 'an answer spends nothing');
});
