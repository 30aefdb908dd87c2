import { type Case, FLAT, short } from './case.ts';

const trail: Case['at'] = { 0: (now) => now.target(1, { trail: 5 }) };
const entry = [1, 1, 100, 'market'] as const;

export const trailing: Case[] = [
  {
    name: 'before any high it is a stop below the entry',
    rows: [FLAT, FLAT, [99, 100, 95, 96]],
    at: trail,
    fills: [entry, [2, -1, 95, 'trailing']],
  },
  {
    name: 'it follows the highs of earlier bars',
    rows: [FLAT, FLAT, [106, 110, 106, 109], [109, 109, 104, 106]],
    at: trail,
    fills: [entry, [3, -1, 105, 'trailing']],
  },
  {
    name: 'it never goes back',
    rows: [FLAT, FLAT, [106, 110, 106, 109], [107, 108, 106, 107], [107, 107, 105, 106]],
    at: trail,
    fills: [entry, [4, -1, 105, 'trailing']],
  },
  {
    name: 'a gap through it fills at the open',
    rows: [FLAT, FLAT, [106, 110, 106, 109], [100, 101, 99, 100]],
    at: trail,
    fills: [entry, [3, -1, 100, 'trailing']],
  },
  {
    name: 'a bar that spans the distance is out at its low: the path inside is unknown',
    rows: [FLAT, FLAT, [100, 110, 99, 102]],
    at: trail,
    fills: [entry, [2, -1, 99, 'trailing']],
  },
  {
    name: 'a low that reaches the old level takes the old level',
    rows: [FLAT, FLAT, [100, 110, 94, 109]],
    at: trail,
    fills: [entry, [2, -1, 95, 'trailing']],
  },
  {
    name: 'of stop and trailing stop the nearer one',
    rows: [FLAT, FLAT, [100, 101, 90, 95]],
    at: { 0: (now) => now.target(1, { trail: 5, stop: 97 }) },
    fills: [entry, [2, -1, 97, 'stop']],
  },
  {
    name: 'short: it follows the lows',
    rows: [FLAT, FLAT, [94, 94, 90, 91], [91, 95, 91, 94]],
    at: { 0: (now) => now.target(-1, { trail: 5 }) },
    costs: short,
    fills: [
      [1, -1, 100, 'market'],
      [3, 1, 95, 'trailing'],
    ],
  },
  {
    name: 'set later, it follows from then on',
    rows: [FLAT, FLAT, [100, 110, 99, 102], [102, 103, 98, 99], [99, 99, 96, 97]],
    at: { 0: (now) => now.target(1), 2: (now) => now.protect({ trail: 5 }) },
    fills: [entry, [3, -1, 98, 'trailing']],
  },
  {
    name: 'after a limit entry only the close has pulled it',
    rows: [FLAT, [100, 110, 94, 98], [97, 98, 92, 93]],
    at: { 0: (now) => now.target(1, { limit: 95, trail: 5 }) },
    fills: [
      [1, 1, 95, 'limit'],
      [2, -1, 93, 'trailing'],
    ],
  },
];
