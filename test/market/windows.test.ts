import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/base/config.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { readWindowsConfig, resolveWindows, windowsConfigSchema } from '../../src/market/windows.ts';

const GOOD = `
train: { from: 2013-04-01, to: 2015-07-01 }
selection: [{ from: 2015-07-08, to: 2015-10-01 }, { from: 2015-10-01, to: 2016-01-01 }]
holdout: { from: 2016-01-08, to: 2016-06-01 }
embargoDays: 7
warmupDays: 30
`;
const parse = (text: string) => resolveWindows(parseConfig(text, windowsConfigSchema, 'windows.yaml'));

test('the shipped configs are valid', () => {
  assert.equal(readWindowsConfig('config/windows.yaml').selection.length, 3);
  assert.ok(readMarketConfig('config/market.yaml').symbols.BTCUSD);
});

test('dates are UTC midnights', () => {
  const windows = parse(GOOD);
  assert.equal(windows.train.from, Date.UTC(2013, 3, 1));
  assert.equal(windows.embargoMs, 7 * 86_400_000);
});

const FAULTS: [string, string, string, RegExp][] = [
  ['a selection window inside the embargo', '2015-07-08', '2015-07-05', /selection\.0\.from: .*embargo.*2015-07-08/],
  ['a holdout inside the embargo', '2016-01-08', '2016-01-02', /holdout\.from: .*embargo/],
  ['overlapping folds', '{ from: 2015-10-01', '{ from: 2015-09-15', /selection\.1\.from: .*overlap/],
  ['a short train window', 'from: 2013-04-01', 'from: 2015-05-01', /train: .*180 days/],
  ['a day that does not exist', '2013-04-01', '2013-02-30', /train\.from: .*exists/],
  ['an unknown key', 'warmupDays', 'warmUpDays', /did you mean "warmupDays"/],
  ['an embargo under a day', 'embargoDays: 7', 'embargoDays: 0', /embargoDays/],
];
for (const [name, from, to, message] of FAULTS) {
  test(`refused by name: ${name}`, () => {
    assert.throws(() => parse(GOOD.replace(from, to)), message);
  });
}
