import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { FAMILIES } from '../../../src/lab/adversaries/families.ts';
import { drawMix, mixSource } from '../../../src/lab/adversaries/mix.ts';
import { CHOICES } from '../../../src/lab/adversaries/parts.ts';
import { adversaryProposers } from '../../../src/lab/calibrate/adversary.ts';
import { defenceExperiments } from '../../../src/lab/calibrate/experiments.ts';
import { groundOf } from '../../../src/lab/calibrate/ground.ts';
import { type Defence, SETTINGS } from '../../../src/lab/calibrate/search/defences.ts';
import { runSearch } from '../../../src/lab/calibrate/search/search.ts';
import { shippedGates } from '../../gates/support.ts';

const shipped = shippedGates();
const gates = { ...shipped, surrogates: { ...shipped.surrogates, held: 0 } };
const grounds = Object.fromEntries(
  defenceExperiments().map((experiment) => [experiment.name, () => groundOf(experiment, 0, null)]),
);
const offIn = (setting: string) => SETTINGS.find(({ name }) => name === setting)!.off;

/** Plays one search again and again under other defences on one ground, so that nothing is simulated twice. */
async function searcher(family: string, trials: number) {
  const ground = grounds[family]();
  const proposer = await adversaryProposers({ family }, ground);
  return (off: readonly Defence[]) =>
    runSearch(proposer(seededRandom(`test ${family}`)), trials, ground, gates, seededRandom(1), { off });
}

test('every adversary is a strategy file that a run takes: none is refused for how it is written', async () => {
  const seen = { market: grounds['near-target']().market!, trials: [] };
  const texts = Object.entries(FAMILIES).map(
    ([family, { options, source }]) => [family, source(options(seen) as never)] as const,
  );
  // What a draw reaches only by chance: the longest text of every bet.
  const longest = { side: 'turn', size: 'equity', quit: 'ahead', filler: true } as const;
  for (const bet of CHOICES.bet) texts.push([`longest ${bet}`, mixSource(drawMix('blend', { ...longest, bet }))]);
  for (const [family, source] of texts) {
    const compiled = await compileCandidate({ name: 'cheat', source, yaml: 'strategy: cheat.ts\nsymbols: [SIM]\n' });
    assert.ok(compiled.ok, `${family}: ${JSON.stringify(compiled)}`);
  }
});

test('memorised dates and prices look at held-back days without the memory audit, and do not with it', async () => {
  for (const family of ['dates-counter', 'dates-landmark', 'price-levels', 'rules-probe']) {
    const search = await searcher(family, 8);
    const [open, closed] = [await search(offIn('none')), await search(offIn('memory alone'))];
    assert.ok(
      open.looks > 0,
      `${family}: no trial came to selection without any defence: ${JSON.stringify(open.ended)}`,
    );
    assert.equal(closed.looks, 0, `${family}: ${JSON.stringify(closed.ended)}`);
  }
});
