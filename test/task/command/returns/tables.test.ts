import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY } from '../../../../src/market/bars.ts';
import { contractSchema } from '../../../../src/task/command/contract/contract.ts';
import { before, heldOver, mirrored, readPrices } from '../../../../src/task/command/returns/prices.ts';
import { differentReturns, readReturns } from '../../../../src/task/command/returns/series.ts';
import { timeOf } from '../../../../src/task/command/returns/table.ts';

const DAYS = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'];
const TEXT = `Date,Open,Close,Volume\n${DAYS.map((day, i) => `${day},${100 + i},${[100, 110, 99, 99][i]},${i + 1}000000`).join('\n')}\n`;
const at = (day: string) => Date.parse(day);

test('a price file is cut before a time, and its future can be mirrored without a trace', () => {
  const prices = readPrices(TEXT, 'a.csv', 'close');
  assert.equal(before(prices, at('2024-01-03')).trim().split('\n').length, 3);
  const other = readPrices(mirrored(prices, at(DAYS[1]), at('2025-01-01')), 'b.csv', 'close');
  assert.deepEqual(other.times, prices.times);
  assert.deepEqual(other.rows.slice(0, 2), prices.rows.slice(0, 2));
  // 110 -> 99 becomes 110 -> 122.2: the change turned round.
  assert.ok(Math.abs(other.price[2] - 110 ** 2 / 99) < 1e-9);
  assert.deepEqual(
    other.rows.slice(2).map((row) => row[3]),
    ['4000000', '3000000'],
  );
  const held = heldOver(prices, { from: at(DAYS[1]), to: at(DAYS[3]) + DAY });
  assert.deepEqual(
    [...held.returns].map((value) => value.toFixed(4)),
    ['0.1000', '-0.1000', '0.0000'],
  );
});

test('what is no price file says what it lacks', () => {
  assert.throws(() => readPrices('1,2\n', 'a.csv', 'close'), /expected a time|no column "close"/);
  assert.throws(
    () => readPrices('date,price\n2024-01-01,1\n', 'a.csv', 'close'),
    /no column "close"; its columns are date, price/,
  );
  assert.throws(
    () => readPrices('date,close\n2024-01-02,1\n2024-01-01,2\n', 'a.csv', 'close'),
    /line 3: its time does not lie after/,
  );
  assert.throws(() => readPrices('date,close\n2024-01-01,0\n', 'a.csv', 'close'), /row 1: expected a positive price/);
});

test('returns finer than a day are compounded, warm-up counts for nothing, ruin is seen', () => {
  const range = { from: at('2024-01-02'), to: at('2024-01-04') };
  const read = (text: string) => readReturns(text, 'r.csv', range);
  const hours = read('2024-01-01 12:00,9\n2024-01-02 09:00,0.1\n2024-01-02 15:00,-0.1\n1704240000,0.5\n');
  assert.deepEqual(
    [...hours.returns].map((value) => value.toFixed(4)),
    ['-0.0100', '0.5000'],
  );
  assert.ok(Math.abs(hours.drawdown - 0.1) < 1e-12 && !hours.ruined);
  const ruined = read('2024-01-02,-1.5\n2024-01-03,3\n');
  assert.deepEqual([ruined.ruined, ruined.drawdown], [true, 1]);
  assert.throws(() => read('2024-01-02,inf\n'), /expected a return/);
  assert.throws(() => read('2024-01-02\n'), /expected a return such as 0\.0012, got ""/);
  assert.throws(() => read('2024-01-05,0\n'), /the window ends before 2024-01-04/);
  assert.equal(differentReturns(Float64Array.from([0.1, 0.1 + 1e-15, 0, 0.2])), 2);
  assert.ok(Number.isNaN(timeOf('1234')), 'a count is no time');
});

test('a contract with returns says what is wrong with it', () => {
  const window = (from: string, to: string) => ({ from, to });
  const returns = {
    file: 'r.csv',
    data: ['p.csv'],
    train: window('2020-01-01', '2022-01-01'),
    selection: window('2022-01-10', '2023-01-01'),
    holdout: window('2023-01-10', '2024-01-01'),
  };
  const good = {
    goal: 'a',
    editable: ['a'],
    run: 'a',
    repeats: 1,
    primary: 'sharpe',
    returns,
    metrics: { sharpe: { from: 'returns', better: 'higher' } },
  };
  contractSchema.parse(good);
  const refused = (changes: object) => {
    const { error } = contractSchema.safeParse({ ...good, ...changes });
    return error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ') ?? 'taken';
  };
  assert.match(
    refused({ returns: { ...returns, selection: window('2021-06-01', '2023-01-01') } }),
    /returns\.selection\.from must lie after train\.to/,
  );
  assert.match(refused({ repeats: { least: 6, most: 60 } }), /repeats returns are played once/);
  assert.match(refused({ sandbox: 'none' }), /only it keeps held-back days/);
  assert.match(refused({ metrics: { sharpe: { from: 'line', better: 'higher' } } }), /from: returns, better: higher/);
  assert.match(refused({ returns: undefined }), /there is no block "returns"/);
});
