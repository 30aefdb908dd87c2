import { type Case, FLAT, short } from './case.ts';

const fraction = { cash: 1000, sizing: { mode: 'fraction', fraction: 1 } } as const;

export const weights: Case[] = [
  {
    name: 'a market order fills at the next open',
    rows: [FLAT, [101, 102, 100, 101]],
    at: { 0: (now) => now.target(1) },
    fills: [[1, 1, 101, 'market']],
  },
  {
    name: 'never on the close that it was decided on, nor after the last bar',
    rows: [FLAT, FLAT],
    at: { 1: (now) => now.target(1) },
    fills: [],
  },
  {
    name: 'a minute without a trade is no bar to fill in',
    rows: [FLAT, null, null, [103, 103, 103, 103]],
    at: { 0: (now) => now.target(1) },
    fills: [[3, 1, 103, 'market']],
  },
  {
    name: 'scaling in and out by weight',
    rows: [FLAT, FLAT, FLAT, FLAT, FLAT],
    at: {
      0: (now) => now.target(0.25),
      1: (now) => now.target(1),
      2: (now) => now.target(0.5),
      3: (now) => now.flat(),
    },
    fills: [
      [1, 0.25, 100, 'market'],
      [2, 0.75, 100, 'market'],
      [3, -0.5, 100, 'market'],
      [4, -0.5, 100, 'market'],
    ],
  },
  {
    name: 'the same weight again is no order',
    rows: [FLAT, FLAT, [120, 120, 120, 120], FLAT],
    at: { 0: (now) => now.target(0.5), 1: (now) => now.target(0.5), 2: (now) => now.target(0.5) },
    market: fraction,
    fills: [[1, 5, 100, 'market']],
  },
  {
    name: 'a flip is one fill',
    rows: [FLAT, FLAT, FLAT],
    at: { 0: (now) => now.target(1), 1: (now) => now.target(-1) },
    costs: short,
    fills: [
      [1, 1, 100, 'market'],
      [2, -2, 100, 'market'],
    ],
  },
  {
    name: 'an order that turns the position round leaves the sum of both weights',
    rows: [FLAT, FLAT, FLAT, FLAT],
    at: { 0: (now) => now.target(-0.5), 1: (now) => now.order(0.7), 2: (now) => now.target(0.7) },
    costs: short,
    fills: [
      [1, -0.5, 100, 'market'],
      [2, 0.7, 100, 'market'],
      [3, 0.5, 100, 'market'],
    ],
  },
  {
    name: 'a weight above 1 is 1',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(7) },
    fills: [[1, 1, 100, 'market']],
  },
  {
    name: 'a weight below -1 is -1',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(-7) },
    costs: short,
    fills: [[1, -1, 100, 'market']],
  },
  { name: 'spot refuses a short', rows: [FLAT, FLAT], at: { 0: (now) => now.target(-1) }, fills: [], refused: 1 },
  {
    name: 'spot turns a flip into an exit',
    rows: [FLAT, FLAT, FLAT],
    at: { 0: (now) => now.target(1), 1: (now) => now.target(-1) },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 100, 'market'],
    ],
    refused: 1,
  },
  {
    name: 'fraction: the equity at the close it was decided on',
    rows: [FLAT, [80, 80, 80, 80]],
    at: { 0: (now) => now.target(0.5) },
    market: fraction,
    fills: [[1, 5, 80, 'market']],
  },
  {
    name: 'spot never spends more cash than there is',
    rows: [FLAT, [125, 125, 125, 125]],
    at: { 0: (now) => now.target(1) },
    market: fraction,
    fills: [[1, 8, 125, 'market']],
    equity: 1000,
  },
  {
    name: 'the fee is part of what must be paid',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(1) },
    market: fraction,
    costs: { takerBps: 2500 },
    fills: [[1, 8, 100, 'market']],
    equity: 800,
  },
  {
    name: 'a perpetual stays within its share of the equity',
    rows: [FLAT, [125, 125, 125, 125]],
    at: { 0: (now) => now.target(1) },
    market: fraction,
    costs: short,
    fills: [[1, 8, 125, 'market']],
  },
  {
    name: 'orders given one after the other at one close: the last target counts',
    rows: [FLAT, FLAT],
    at: {
      0: (now) => {
        now.target(1);
        now.target(0.5);
      },
    },
    fills: [[1, 0.5, 100, 'market']],
  },
  {
    name: 'flat() with nothing held is no order',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.flat() },
    fills: [],
    refused: 0,
  },
  {
    name: 'a short that doubles against the account is liquidated where nothing is left',
    rows: [FLAT, FLAT, [100, 250, 100, 240], FLAT],
    at: { 0: (now) => now.target(-1) },
    market: fraction,
    costs: short,
    fills: [
      [1, -10, 100, 'market'],
      [2, 10, 200, 'liquidation'],
    ],
    equity: 0,
    ruined: true,
  },
  {
    name: 'a stop before the ruin price saves the rest',
    rows: [FLAT, FLAT, [100, 250, 100, 240], FLAT],
    at: { 0: (now) => now.target(-1, { stop: 150 }) },
    market: fraction,
    costs: short,
    fills: [
      [1, -10, 100, 'market'],
      [2, 10, 150, 'stop'],
    ],
    equity: 500,
  },
];
