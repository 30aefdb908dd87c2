import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectationOf } from '../../../../src/task/command/setup/expect.ts';

test('what a test runner prints of its tests becomes what it must print again', () => {
  const cases: readonly [said: string, fewer: string][] = [
    ['ℹ tests 12\nℹ pass 12\nℹ fail 0\n', 'ℹ tests 1\nℹ pass 1\nℹ fail 0\n'],
    ['# tests 3\n# pass 3\n# fail 0', '# pass 31'],
    ['..... 15 passed in 0.12s', '5 passed in 0.12s'],
    ['test result: ok. 7 passed; 0 failed\ntest result: ok. 0 passed; 0 failed', 'test result: ok. 0 passed; 0 failed'],
    ['Test Suites: 1 passed, 1 total\nTests:       4 passed, 4 total', 'Tests: 1 passed, 1 total'],
    ['  9 passing (20ms)', '  8 passing (20ms)'],
    ['Ran 6 tests in 0.001s\n\nOK', 'Ran 0 tests in 0.000s\n\nOK'],
    [
      '[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0',
      '[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0',
    ],
    ['OK (4 tests)', 'OK (3 tests)'],
    ['PASS\n', 'no tests to run\n'],
  ];
  for (const [said, fewer] of cases) {
    const expected = new RegExp(expectationOf(said) ?? '(?!)', 'm');
    assert.match(said, expected);
    assert.doesNotMatch(fewer, expected, 'tests that ended early');
  }
  for (const said of ['', 'all is well', '0 passed']) assert.equal(expectationOf(said), null);
});
