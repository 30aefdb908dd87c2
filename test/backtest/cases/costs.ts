import { type Case, FLAT } from './case.ts';

const inOut: Case['at'] = { 0: (now) => now.target(1), 1: (now) => now.flat() };
const buy: Case['at'] = { 0: (now) => now.target(1) };
const wide = [100, 104, 98, 100];
const thin = (volume: number) => [100, 100, 100, 100, volume];

export const costs: Case[] = [
  {
    name: 'taker fee on both sides of a market trade',
    rows: [FLAT, FLAT, FLAT],
    at: inOut,
    costs: { takerBps: 10, makerBps: 0 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 100, 'market'],
    ],
    equity: 10_000_000 - 0.2,
  },
  {
    name: 'maker fee on a limit that rested',
    rows: [FLAT, FLAT, [100, 100, 94, 95]],
    at: { 0: (now) => now.target(1, { limit: 95 }) },
    costs: { takerBps: 100, makerBps: 10 },
    fills: [[2, 1, 95, 'limit']],
    equity: 10_000_000 - 0.095,
  },
  {
    name: 'taker fee on a limit that could fill where it arrived',
    rows: [FLAT, [100, 105, 100, 105]],
    at: { 0: (now) => now.target(1, { limit: 105 }) },
    costs: { takerBps: 100, makerBps: 10 },
    fills: [[1, 1, 100, 'limit']],
    equity: 10_000_000 + 5 - 1,
  },
  {
    name: 'maker fee on a target, taker fee on the entry',
    rows: [FLAT, FLAT, [100, 111, 100, 110]],
    at: { 0: (now) => now.target(1, { target: 110 }) },
    costs: { takerBps: 100, makerBps: 10 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 110, 'target'],
    ],
    equity: 10_000_000 + 10 - 1 - 0.11,
  },
  {
    name: 'taker fee on a stop',
    rows: [FLAT, FLAT, [100, 100, 80, 90]],
    at: { 0: (now) => now.target(1, { stop: 90 }) },
    costs: { takerBps: 100 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 90, 'stop'],
    ],
    equity: 10_000_000 - 10 - 1 - 0.9,
  },
  {
    name: 'fixed slippage against both sides',
    rows: [FLAT, FLAT, FLAT],
    at: inOut,
    costs: { slippageBps: 50 },
    fills: [
      [1, 1, 100.5, 'market'],
      [2, -1, 99.5, 'market'],
    ],
  },
  {
    name: 'slippage by a share of the range of the bar that fills',
    rows: [FLAT, wide],
    at: buy,
    costs: { rangeShare: 0.25 },
    fills: [[1, 1, 101.5, 'market']],
  },
  {
    name: 'slippage of a stop goes beyond the stop',
    rows: [FLAT, FLAT, [100, 100, 90, 95]],
    at: { 0: (now) => now.target(1, { stop: 95 }) },
    costs: { slippageBps: 100 },
    fills: [
      [1, 1, 101, 'market'],
      [2, -1, 94.05, 'stop'],
    ],
  },
  {
    name: 'no slippage on a target or a resting limit',
    rows: [FLAT, FLAT, [100, 100, 94, 95], [95, 106, 95, 105]],
    at: { 0: (now) => now.target(1, { limit: 95, target: 105 }) },
    costs: { slippageBps: 100 },
    fills: [
      [2, 1, 95, 'limit'],
      [3, -1, 105, 'target'],
    ],
  },
  {
    name: 'a marketable limit slips to its limit and no further',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(1, { limit: 100.2 }) },
    costs: { slippageBps: 100 },
    fills: [[1, 1, 100.2, 'limit']],
  },
  {
    name: 'impact grows with the share of the volume',
    rows: [FLAT, thin(4)],
    at: buy,
    costs: { impactBps: 400 },
    fills: [[1, 1, 101, 'market']],
  },
  {
    name: 'a doubled world: fees and slippage',
    rows: [FLAT, FLAT],
    at: buy,
    costs: { takerBps: 10, slippageBps: 50 },
    scenario: { costMultiplier: 2 },
    fills: [[1, 1, 101, 'market']],
    equity: 10_000_000 - 1 - 0.202,
  },
  {
    name: 'a delayed world: one bar later',
    rows: [FLAT, [101, 101, 101, 101], [102, 102, 102, 102]],
    at: buy,
    scenario: { delayBars: 1 },
    fills: [[2, 1, 102, 'market']],
  },
  // Of two entries in X one is missed: those of minutes 0, 1, 2, 4 and 6.
  {
    name: 'a missed entry is gone, one of another minute fills, no exit is missed',
    rows: [FLAT, FLAT, FLAT, FLAT, FLAT, FLAT, FLAT],
    at: {
      1: (now) => now.target(1),
      2: (now) => now.target(1),
      3: (now) => now.flat(),
      4: (now) => now.target(1),
      5: (now) => now.flat(),
    },
    scenario: { missEvery: 2 },
    fills: [
      [3, 1, 100, 'market'],
      [4, -1, 100, 'market'],
      [5, 1, 100, 'market'],
      [6, -1, 100, 'market'],
    ],
  },
  {
    name: 'a small entry in front of a large one is not missed in its place',
    rows: [FLAT, FLAT, FLAT, FLAT],
    at: {
      1: (now) => {
        now.order(0.001);
        now.order(1);
      },
      2: (now) => {
        now.order(0.001);
        now.order(1);
      },
    },
    scenario: { missEvery: 2 },
    fills: [
      [3, 0.001, 100, 'market'],
      [3, 1, 100, 'market'],
    ],
  },
];
