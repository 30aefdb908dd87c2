import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RalphError } from '../../src/base/errors.ts';
import { explainDatabaseError } from '../../src/market/explain.ts';

test('a server without the community module says so and what to do', () => {
  const refused = Object.assign(
    new Error('functionality not supported under the current "apache" license. Learn more.'),
    {
      code: '0A000',
    },
  );
  const said = explainDatabaseError(refused, 'postgres://me:secret@db.example:5432/bars');
  assert.ok(said instanceof RalphError);
  assert.match(said.message, /TimescaleDB at db\.example:5432\/bars lacks its community module/);
  assert.match(said.remedy, /timescaledb\.license = 'timescale'/);
  assert.doesNotMatch(said.message + said.remedy, /secret/);
});
