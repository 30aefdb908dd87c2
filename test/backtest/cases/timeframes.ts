import { type Case, FLAT } from './case.ts';

const buy: Case['at'] = { 0: (now) => now.target(1, { stop: 95, target: 105 }) };
const five = (...rows: Case['rows']): Case['rows'] => [FLAT, FLAT, FLAT, FLAT, FLAT, ...rows];

export const timeframes: Case[] = [
  {
    name: '5m: decided when the bucket has ended, filled at the next minute',
    timeframe: '5m',
    rows: five([101, 101, 101, 101]),
    at: buy,
    fills: [[5, 1, 101, 'market']],
  },
  {
    name: '5m: a bucket whose last minutes are missing is decided on at its end',
    timeframe: '5m',
    rows: [FLAT, FLAT, null, null, null, null, [102, 102, 102, 102]],
    at: buy,
    fills: [[6, 1, 102, 'market']],
  },
  {
    name: '5m: a bucket without trades is no bar',
    timeframe: '5m',
    rows: five(null, null, null, null, null, FLAT, FLAT, FLAT, FLAT, FLAT, [101, 101, 101, 101]),
    at: { 1: (now) => now.target(1) },
    fills: [[15, 1, 101, 'market']],
  },
  {
    name: '5m: the stop is resolved on the minute that touched first',
    timeframe: '5m',
    rows: five(FLAT, [100, 101, 94, 96], [96, 106, 96, 105], FLAT),
    at: buy,
    fills: [
      [5, 1, 100, 'market'],
      [6, -1, 95, 'stop'],
    ],
  },
  {
    name: '5m: the target first, the stop later in the same bucket',
    timeframe: '5m',
    rows: five(FLAT, [100, 106, 96, 105], [105, 105, 90, 91], FLAT),
    at: buy,
    fills: [
      [5, 1, 100, 'market'],
      [6, -1, 105, 'target'],
    ],
  },
  {
    name: '5m: time in force counts decision bars',
    timeframe: '5m',
    rows: five(FLAT, FLAT, FLAT, FLAT, [100, 100, 94, 95]),
    at: { 0: (now) => now.target(1, { limit: 95, bars: 1 }) },
    fills: [[9, 1, 95, 'limit']],
  },
  {
    name: '5m: and ends with them',
    timeframe: '5m',
    rows: five(FLAT, FLAT, FLAT, FLAT, FLAT, [100, 100, 94, 95]),
    at: { 0: (now) => now.target(1, { limit: 95, bars: 1 }) },
    fills: [],
  },
];
