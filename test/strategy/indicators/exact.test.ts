import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { CATALOGUE, compute } from './catalogue.ts';
import { walk } from './columns.ts';

/** Taken once; it changes only with a convention, and then src/strategy/indicators/README.md must change as well. */
const EXPECTED = 'c2478bdb34b1a225179deb73afbe198c66acf2d4d3c1ba214f207cf3c6782d20';

test('every indicator gives the same bits on every machine', () => {
  const hash = createHash('sha256');
  const bars = walk(2000, 31);
  for (const name of Object.keys(CATALOGUE).sort()) {
    for (const values of Object.values(compute(name, bars, 14))) {
      // as text, because NaN has many bit patterns and doubles two byte orders
      hash.update(`${name} ${values.join(' ')}\n`);
    }
  }
  assert.equal(hash.digest('hex'), EXPECTED);
});
