import assert from 'node:assert/strict';
import test from 'node:test';
import { asTyped } from '../../src/base/commands.ts';

test('commands are named as they are typed: by the script of the checkout, or by npx where Ralph is a package', () => {
  const text = 'See: npm run ralph -- verify, then npm run ralph -- run --tag one; npm run bench stays';
  assert.equal(asTyped(text, 'npm run ralph --'), text);
  assert.equal(asTyped(text, 'npx ralph'), 'See: npx ralph verify, then npx ralph run --tag one; npm run bench stays');
});
