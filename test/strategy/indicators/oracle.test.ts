import assert from 'node:assert/strict';
import test from 'node:test';
import * as exported from '../../../src/strategy/indicators/index.ts';
import { CATALOGUE, type Columns, compute } from './catalogue.ts';
import { sliced, walk } from './columns.ts';
import { PACKAGES } from './packages.ts';
import { REFERENCE } from './reference.ts';

const LENGTH = 600;
const PERIODS = [2, 3, 14, 50];

/** Where a package's convention for a market that stands still differs from ours; see packages.ts. */
const STILL: Readonly<Record<string, (bars: Columns, i: number, n: number) => boolean>> = {
  cci: (bars, i, n) => flat(bars, i, n),
  cmf: ({ volume }, i, n) => volume.slice(Math.max(0, i - n + 1), i + 1).every((value) => value === 0),
  rsi: ({ close }, i) => close.slice(0, i + 1).every((value) => value === close[0]),
  stochastic: (bars, i, n) => [0, 1, 2, 3, 4].some((back) => flat(bars, i - back, n)),
  williamsR: (bars, i, n) => flat(bars, i, n),
};

test('every exported indicator is in the catalogue and has an oracle', () => {
  assert.deepEqual(Object.keys(CATALOGUE).sort(), Object.keys(exported).sort());
  const judged = new Set([...Object.keys(PACKAGES), ...Object.keys(REFERENCE)]);
  assert.deepEqual([...judged].sort(), Object.keys(CATALOGUE).sort());
  assert.ok(Object.keys(CATALOGUE).length >= 25);
});

for (const [name, oracle] of Object.entries(PACKAGES)) {
  test(`${name} agrees with an independent package`, () => {
    for (const seed of [1, 2, 3]) {
      const bars = walk(LENGTH, seed);
      for (const n of PERIODS) {
        const ours = compute(name, bars, n);
        const theirs = oracle(bars, n);
        for (const output of Object.keys(ours)) {
          const compared = agree(name, ours[output], theirs[output], bars, n, `${name}.${output}(${n}) seed ${seed}`);
          assert.ok(compared > LENGTH / 3, `${name}.${output}(${n}): only ${compared} values to compare`);
        }
      }
    }
  });
}

for (const [name, oracle] of Object.entries(REFERENCE)) {
  test(`${name} agrees with its definition, bar by bar`, () => {
    const bars = walk(300, 4);
    for (const n of [2, 14, 40]) {
      const ours = compute(name, bars, n);
      for (let i = 0; i < 300; i++) {
        const theirs = oracle(sliced(bars, 0, i + 1), n);
        for (const output of Object.keys(ours))
          same(ours[output][i], theirs[output], `${name}.${output}(${n}) at ${i}`);
      }
    }
  });
}

test('a long series does not lose its precision: no running sums', () => {
  const bars = walk(100_000, 5);
  // a burst that a running sum would carry as rounding error for ever after
  bars.close[50_000] = 1e12;
  for (const name of ['sma', 'stdev', 'zscore', 'wma', 'slope']) {
    const whole = compute(name, bars, 20).value.slice(-1000);
    const fresh = compute(name, sliced(bars, 100_000 - 1020, 100_000), 20).value.slice(-1000);
    whole.forEach((value, i) => void same(value, fresh[i], `${name} at ${i}`, 1e-9));
  }
});

function agree(name: string, ours: Float64Array, theirs: ArrayLike<number>, bars: Columns, n: number, what: string) {
  let compared = 0;
  for (let i = 0; i < ours.length; i++) {
    if (theirs[i] === undefined || Number.isNaN(theirs[i]) || STILL[name]?.(bars, i, n)) continue;
    // ours may begin earlier (an EMA has a value from its first bar) but only a NaN that says "undefined" may come later
    if (Number.isNaN(ours[i]) && compared === 0) continue;
    same(ours[i], theirs[i], `${what} at ${i}`);
    compared += 1;
  }
  return compared;
}

function flat({ high, low }: Columns, i: number, n: number): boolean {
  const from = Math.max(0, i - n + 1);
  return Math.max(...high.slice(from, i + 1)) - Math.min(...low.slice(from, i + 1)) === 0;
}

function same(ours: number, theirs: number, what: string, tolerance = 1e-9): void {
  if (Number.isNaN(ours) && Number.isNaN(theirs)) return;
  const gap = Math.abs(ours - theirs) / Math.max(1, Math.abs(theirs));
  assert.ok(gap <= tolerance, `${what}: ${ours} against ${theirs}`);
}
