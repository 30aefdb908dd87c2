import { type Case, FLAT, short } from './case.ts';

const pair: Case['at'] = {
  0: (now) => {
    now.order(1, { trigger: 105, oco: true });
    now.order(-1, { trigger: 95, oco: true });
  },
};

/** Several orders of one symbol at work at once. */
export const several: Case[] = [
  {
    name: 'a stop raised by an enlarging limit below it gets that price',
    rows: [FLAT, FLAT, [100, 100, 93, 96]],
    at: { 0: (now) => now.target(0.5, { stop: 90 }), 1: (now) => now.order(0.5, { limit: 94, stop: 97 }) },
    fills: [
      [1, 0.5, 100, 'market'],
      [2, 0.5, 94, 'limit'],
      [2, -1, 94, 'stop'],
    ],
  },
  {
    name: 'a limit does not take profit on the part of the bar before its entry',
    rows: [FLAT, [100, 106, 94, 96], [96, 106, 96, 100]],
    at: {
      0: (now) => {
        now.order(1, { limit: 95 });
        now.order(-1, { limit: 105, reduceOnly: true });
      },
    },
    fills: [
      [1, 1, 95, 'limit'],
      [2, -1, 105, 'limit'],
    ],
  },
  {
    name: 'a target does not take profit on what was added after the high',
    rows: [FLAT, FLAT, [100, 106, 94, 96]],
    at: { 0: (now) => now.target(0.5, { target: 105 }), 1: (now) => now.order(0.5, { limit: 95 }) },
    fills: [
      [1, 0.5, 100, 'market'],
      [2, 0.5, 95, 'limit'],
    ],
  },
  {
    name: 'one cancels the other: the second never fills',
    rows: [FLAT, [100, 106, 99, 105], [105, 105, 90, 92]],
    at: pair,
    costs: short,
    fills: [[1, 1, 105, 'trigger']],
  },
  {
    name: 'one cancels the other, both touched: the one worse at the close',
    rows: [FLAT, [100, 106, 94, 96]],
    at: pair,
    costs: short,
    fills: [[1, 1, 105, 'trigger']],
  },
  {
    name: 'the same with a close above: the sale',
    rows: [FLAT, [100, 106, 94, 104]],
    at: pair,
    costs: short,
    fills: [[1, -1, 95, 'trigger']],
  },
  {
    name: 'reduce-only never opens',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.order(1, { reduceOnly: true }) },
    fills: [],
    refused: 1,
  },
  {
    name: 'reduce-only never flips',
    rows: [FLAT, FLAT, FLAT],
    at: { 0: (now) => now.target(1), 1: (now) => now.target(-1, { reduceOnly: true }) },
    costs: short,
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 100, 'market'],
    ],
  },
  {
    name: 'a grid: both limits fill, in order',
    rows: [FLAT, [100, 100, 96, 97], [97, 104, 97, 103]],
    at: {
      0: (now) => {
        now.order(0.5, { limit: 98 });
        now.order(0.5, { limit: 97 });
        now.order(-1, { limit: 103, reduceOnly: true });
      },
    },
    fills: [
      [1, 0.5, 98, 'limit'],
      [1, 0.5, 97, 'limit'],
      [2, -1, 103, 'limit'],
    ],
    refused: 0,
  },
  {
    name: 'an enlarging limit fills before the stop, which closes all of it',
    rows: [FLAT, FLAT, [100, 100, 94, 96]],
    at: { 0: (now) => now.target(0.5, { stop: 95 }), 1: (now) => now.order(0.5, { limit: 97 }) },
    fills: [
      [1, 0.5, 100, 'market'],
      [2, 0.5, 97, 'limit'],
      [2, -1, 95, 'stop'],
    ],
  },
  {
    name: 'a reducing limit does not save a position from its stop in the same bar',
    rows: [FLAT, FLAT, [100, 104, 94, 96]],
    at: { 0: (now) => now.target(1, { stop: 95 }), 1: (now) => now.order(-1, { limit: 103, reduceOnly: true }) },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 95, 'stop'],
    ],
  },
];
