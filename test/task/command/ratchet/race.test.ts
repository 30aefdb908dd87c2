import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../../src/base/random.ts';
import { looksOf, type RaceOptions, riskOf, standing } from '../../../../src/task/command/ratchet/race.ts';
import { rankSumP, shiftOf } from '../../../../src/task/command/ratchet/rank.ts';
import fc from '../../../fast-check.ts';

// The budget that finds 3% under 5% noise at the thirtieth trial.
const REPEATS = { least: 6, most: 240 };
const NOISE = 0.05;

/** Runs a race: `measure` gives the next pair, best first. */
function race(measure: () => readonly [best: number, candidate: number], options: RaceOptions) {
  const [best, candidate]: [number[], number[]] = [[], []];
  for (;;) {
    const [a, b] = measure();
    best.push(a);
    candidate.push(b);
    const stands = standing(best, candidate, options);
    if (stands) return { ...stands, repeats: candidate.length };
  }
}

function noisyRace(seed: string, gain: number, n: number, repeats: RaceOptions['repeats'] = REPEATS) {
  const random = seededRandom(seed);
  const value = (mean: number) => mean + NOISE * gaussian(random);
  return race(() => [value(1), value(1 + gain)], { repeats, n, tie: null });
}

test('5% noise and nothing to find: of 59 runs of 30 cycles at most one keeps anything', (t) => {
  let [keeping, measurements] = [0, 0];
  for (let run = 0; run < 59; run++) {
    let kept = false;
    for (let n = 1; n <= 30; n++) {
      const { answer, repeats } = noisyRace(`nothing/${run}/${n}`, 0, n);
      measurements += repeats;
      kept ||= answer === 'better';
    }
    if (kept) keeping += 1;
  }
  t.diagnostic(
    `${keeping} of 59 runs kept something; ${(measurements / 59 / 30).toFixed(1)} measurements a side on average`,
  );
  assert.ok(keeping <= 1, `${keeping} of 59`);
});

test('5% noise and a true 3%: found in at least 80% of races, at the first trial and at the thirtieth', (t) => {
  for (const n of [1, 30]) {
    const races = Array.from({ length: 150 }, (_, i) => noisyRace(`true/${n}/${i}`, 0.03, n));
    const found = races.filter(({ answer }) => answer === 'better').length / races.length;
    const mean = races.reduce((sum, { repeats }) => sum + repeats, 0) / races.length;
    t.diagnostic(
      `N ${n}: found in ${(100 * found).toFixed(0)}%, ${mean.toFixed(0)} of at most ${REPEATS.most} measurements a side`,
    );
    assert.ok(found >= 0.8, `${found} at N ${n}`);
  }
});

test('the default budget finds a true 3% under 5% noise in about half of the races at first, in a tenth at the thirtieth trial', (t) => {
  const repeats = { least: 6, most: 60 };
  const found = [1, 30].map((n) => {
    const races = Array.from({ length: 150 }, (_, i) => noisyRace(`true/${n}/${i}`, 0.03, n, repeats));
    return races.filter(({ answer }) => answer === 'better').length / races.length;
  });
  t.diagnostic(`N 1: found in ${(100 * found[0]).toFixed(0)}%, N 30: found in ${(100 * found[1]).toFixed(0)}%`);
  assert.ok(found[0] >= 0.45 && found[1] >= 0.04, found.join(' '));
});

test('something worse is given up early, something much better is seen early', () => {
  assert.ok(noisyRace('worse', -0.2, 5).repeats <= 12);
  assert.equal(noisyRace('worse', -0.2, 5).answer, 'undecided');
  const much = noisyRace('much', 0.5, 20);
  assert.deepEqual([much.answer, much.repeats], ['better', 12]);
});

test('a simpler candidate is kept as equal only when its loss is surely below the margin', () => {
  const run = (gain: number, seed: string) => {
    const random = seededRandom(seed);
    const value = (mean: number) => mean + 0.005 * gaussian(random);
    return race(() => [value(1), value(1 + gain)], { repeats: { least: 6, most: 60 }, n: 3, tie: 0.01 }).answer;
  };
  const answers = (gain: number) => Array.from({ length: 40 }, (_, i) => run(gain, `tie/${gain}/${i}`));
  assert.ok(answers(0).filter((answer) => answer === 'equal').length >= 36);
  assert.ok(answers(-0.02).every((answer) => answer === 'undecided'));
  assert.ok(
    answers(0.1).every((answer) => answer === 'better'),
    'what is simpler and far better is called better',
  );
});

test('the risks of all trials add up to one in a hundred', () => {
  const sum = Array.from({ length: 100_000 }, (_, i) => riskOf(i + 1)).reduce((a, b) => a + b);
  assert.ok(sum <= 0.01 && sum > 0.0099);
  assert.deepEqual(looksOf({ least: 6, most: 60 }), [6, 12, 24, 48, 60]);
  assert.deepEqual(looksOf({ least: 6, most: 6 }), [6]);
});

// Values of wilcox.test(b, a, alternative = "greater", exact = TRUE) in R, and of counting by hand: 6 above 6 is one order of 924.
test('the rank-sum p is that of the tables', () => {
  const six = [1, 2, 3, 4, 5, 6];
  assert.equal(rankSumP(six, [7, 8, 9, 10, 11, 12]), 1 / 924);
  assert.equal(rankSumP([7, 8, 9, 10, 11, 12], six), 1);
  assert.ok(Math.abs(rankSumP([1, 3, 5], [2, 4, 6]) - 7 / 20) < 1e-12);
  assert.equal(rankSumP([1, 1, 1], [1, 1, 1]), 1, 'ties count for the best');
  const [many, above] = [Array.from({ length: 31 }, (_, i) => i), Array.from({ length: 31 }, (_, i) => i + 100)];
  assert.ok(rankSumP(many, above) < 1e-9);
});

test('a shift is found again, whatever the samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 20 }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      (values, by) => {
        const found = shiftOf(
          values,
          values.map((value) => value + by),
        );
        assert.ok(Math.abs(found.by - by) < 1e-6);
        assert.ok(found.low <= found.by && found.by <= found.high);
      },
    ),
  );
});
