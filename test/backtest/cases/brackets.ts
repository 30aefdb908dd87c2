import { type Case, FLAT, short } from './case.ts';

const bracket: Case['at'] = { 0: (now) => now.target(1, { stop: 95, target: 105 }) };
const inverse: Case['at'] = { 0: (now) => now.target(-1, { stop: 105, target: 95 }) };
const entry = [1, 1, 100, 'market'] as const;
const sale = [1, -1, 100, 'market'] as const;
const quiet = [100, 101, 99, 100];

export const brackets: Case[] = [
  {
    name: 'stop and target in one bar: the stop',
    rows: [FLAT, quiet, [100, 106, 94, 100]],
    at: bracket,
    fills: [entry, [2, -1, 95, 'stop']],
  },
  {
    name: 'a gap through the stop fills at the open',
    rows: [FLAT, quiet, [90, 91, 89, 90]],
    at: bracket,
    fills: [entry, [2, -1, 90, 'stop']],
  },
  {
    name: 'a gap through the target fills at the open',
    rows: [FLAT, quiet, [110, 111, 109, 110]],
    at: bracket,
    fills: [entry, [2, -1, 110, 'target']],
  },
  {
    name: 'the stop is live on the entry bar',
    rows: [FLAT, [100, 101, 94, 96]],
    at: bracket,
    fills: [entry, [1, -1, 95, 'stop']],
  },
  {
    name: 'the target is live on the entry bar',
    rows: [FLAT, [100, 106, 99, 104]],
    at: bracket,
    fills: [entry, [1, -1, 105, 'target']],
  },
  {
    name: 'both on the entry bar: the stop',
    rows: [FLAT, [100, 106, 94, 104]],
    at: bracket,
    fills: [entry, [1, -1, 95, 'stop']],
  },
  {
    name: 'a low equal to the stop fills it',
    rows: [FLAT, quiet, [100, 101, 95, 99]],
    at: bracket,
    fills: [entry, [2, -1, 95, 'stop']],
  },
  {
    name: 'a low just above the stop does not',
    rows: [FLAT, quiet, [100, 101, 95.01, 99]],
    at: bracket,
    fills: [entry],
  },
  {
    name: 'a high equal to the target fills it',
    rows: [FLAT, quiet, [100, 105, 99, 101]],
    at: bracket,
    fills: [entry, [2, -1, 105, 'target']],
  },
  {
    name: 'the first bar that touches ends it',
    rows: [FLAT, quiet, [100, 101, 94, 100], [100, 106, 99, 105]],
    at: bracket,
    fills: [entry, [2, -1, 95, 'stop']],
  },
  {
    name: 'an open exactly at the stop fills there',
    rows: [FLAT, quiet, [95, 96, 94, 95]],
    at: bracket,
    fills: [entry, [2, -1, 95, 'stop']],
  },
  {
    name: 'an entry that gaps below its own stop is out at once',
    rows: [FLAT, [90, 92, 89, 91]],
    at: bracket,
    fills: [
      [1, 1, 90, 'market'],
      [1, -1, 90, 'stop'],
    ],
  },
  {
    name: 'an entry that gaps above its own target is out at once',
    rows: [FLAT, [110, 111, 109, 110]],
    at: bracket,
    fills: [
      [1, 1, 110, 'market'],
      [1, -1, 110, 'target'],
    ],
  },
  {
    name: 'nothing touched: marked to the last close',
    rows: [FLAT, quiet, [100, 104, 99, 103]],
    at: bracket,
    fills: [entry],
    equity: 10_000_003,
  },
  {
    name: 'short: stop and target in one bar: the stop',
    rows: [FLAT, quiet, [100, 106, 94, 100]],
    at: inverse,
    costs: short,
    fills: [sale, [2, 1, 105, 'stop']],
  },
  {
    name: 'short: a gap through the stop fills at the open',
    rows: [FLAT, quiet, [110, 111, 109, 110]],
    at: inverse,
    costs: short,
    fills: [sale, [2, 1, 110, 'stop']],
  },
  {
    name: 'short: a gap through the target fills at the open',
    rows: [FLAT, quiet, [90, 91, 89, 90]],
    at: inverse,
    costs: short,
    fills: [sale, [2, 1, 90, 'target']],
  },
  {
    name: 'short: a high equal to the stop fills it',
    rows: [FLAT, quiet, [100, 105, 99, 101]],
    at: inverse,
    costs: short,
    fills: [sale, [2, 1, 105, 'stop']],
  },
  {
    name: 'short: the target on the entry bar',
    rows: [FLAT, [100, 101, 94, 96]],
    at: inverse,
    costs: short,
    fills: [sale, [1, 1, 95, 'target']],
  },
  {
    name: 'a stop moved by protect() counts from the next bar',
    rows: [FLAT, [100, 103, 99, 102], [102, 103, 98, 99]],
    at: { ...bracket, 1: (now) => now.protect({ stop: 98.5 }) },
    fills: [entry, [2, -1, 98.5, 'stop']],
  },
  {
    name: 'protect(null) takes the stop away',
    rows: [FLAT, quiet, [100, 101, 90, 100]],
    at: { ...bracket, 1: (now) => now.protect({ stop: null }) },
    fills: [entry],
  },
  {
    name: 'asking for the held weight changes only the protection',
    rows: [FLAT, quiet, [100, 101, 96, 100], [100, 101, 96, 100]],
    at: { ...bracket, 1: (now) => now.target(1, { stop: 96.5 }) },
    fills: [entry, [2, -1, 96.5, 'stop']],
  },
  {
    name: 'levels left out stay as they are',
    rows: [FLAT, quiet, [100, 101, 94, 100]],
    at: { ...bracket, 1: (now) => now.target(1) },
    fills: [entry, [2, -1, 95, 'stop']],
  },
  {
    name: 'the exits go with their position: the next entry has none',
    rows: [FLAT, quiet, [100, 101, 94, 100], FLAT, [100, 101, 80, 90]],
    at: { ...bracket, 2: (now) => now.target(1) },
    fills: [entry, [2, -1, 95, 'stop'], [3, 1, 100, 'market']],
  },
  {
    name: 'flat() at the close of the bar before a gap is filled at the gap',
    rows: [FLAT, quiet, [90, 91, 89, 90]],
    at: { ...bracket, 1: (now) => now.flat() },
    fills: [entry, [2, -1, 90, 'market']],
  },
  {
    name: 'a flip takes the old exits away',
    rows: [FLAT, quiet, quiet, [100, 106, 94, 100]],
    at: { ...bracket, 1: (now) => now.target(-1) },
    costs: short,
    fills: [entry, [2, -2, 100, 'market']],
  },
];
