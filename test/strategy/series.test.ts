import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as api from '../../src/strategy/index.ts';
import { makeSeries, Series, valuesOf } from '../../src/strategy/series.ts';

it('a series shows nothing of what is in it', () => {
  const series = makeSeries(Float64Array.of(1, 2, 3));
  assert.deepEqual(Reflect.ownKeys(series), []);
  assert.equal(JSON.stringify(series), '{}');
  assert.equal((series as unknown as number[])[0], undefined);
  assert.ok(Object.isFrozen(series) && Object.isFrozen(Series.prototype));
});

it('a series cannot be made by hand', () => {
  const Maker = makeSeries(new Float64Array(1)).constructor as unknown as new (...args: unknown[]) => Series;
  assert.throws(() => new Maker(Symbol('series'), new Float64Array(1)), /cannot be made by hand/);
  assert.throws(() => new Maker(new Float64Array(1)), /cannot be made by hand/);
});

it('only engine code reads it, and says what it got instead', () => {
  assert.deepEqual([...valuesOf(makeSeries(Float64Array.of(7)))], [7]);
  assert.throws(() => valuesOf([1, 2] as unknown as Series), /expected a Series .* got an array/);
  assert.throws(() => valuesOf(Object.create(Series.prototype)), TypeError);
});

it('candidates are handed neither the key nor the reader', () => {
  const names = Object.keys(api);
  assert.ok(names.includes('defineStrategy') && names.includes('ema'));
  for (const hidden of ['valuesOf', 'makeSeries', 'Series']) assert.ok(!names.includes(hidden), hidden);
});
