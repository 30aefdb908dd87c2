import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readGatesConfig } from '../../src/gates/config.ts';

const CONFIG = join(import.meta.dirname, '../../config');

test('the demo judges by the shipped gates; only its surrogates are fewer', () => {
  const shipped = readGatesConfig(join(CONFIG, 'gates.yaml'));
  const demo = readGatesConfig(join(CONFIG, 'demo/gates.yaml'));
  assert.deepEqual({ ...demo, surrogates: shipped.surrogates }, shipped);
  assert.equal(demo.surrogates.count, shipped.surrogates.count);
});
