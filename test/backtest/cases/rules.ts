import { type Case, FLAT } from './case.ts';

const inOut: Case['at'] = { 0: (now) => now.target(1), 1: (now) => now.flat() };
const buy: Case['at'] = { 0: (now) => now.target(1) };
const thin = (volume: number) => [100, 100, 100, 100, volume];

export const rules: Case[] = [
  {
    name: 'a cap on the volume fills in parts',
    rows: [FLAT, thin(4), thin(4), thin(4)],
    at: buy,
    costs: { participation: 0.1 },
    fills: [
      [1, 0.4, 100, 'market'],
      [2, 0.4, 100, 'market'],
      [3, 0.19999999999999996, 100, 'market'],
    ],
  },
  {
    name: 'a capped bar without volume fills nothing',
    rows: [FLAT, thin(0), thin(100)],
    at: buy,
    costs: { participation: 0.1 },
    fills: [[2, 1, 100, 'market']],
  },
  { name: 'without a cap a bar without volume fills', rows: [FLAT, thin(0)], at: buy, fills: [[1, 1, 100, 'market']] },
  {
    name: 'a stop that is capped leaves its rest to the next opens',
    rows: [FLAT, thin(100), [100, 100, 90, 90, 5], [88, 88, 88, 88, 100]],
    at: { 0: (now) => now.target(1, { stop: 95 }) },
    costs: { participation: 0.1 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -0.5, 95, 'stop'],
      [3, -0.5, 88, 'stop'],
    ],
  },
  {
    name: 'lots are rounded towards zero',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(0.77) },
    costs: { lot: 0.1 },
    fills: [[1, 0.7000000000000001, 100, 'market']],
  },
  {
    name: 'an order below the smallest notional is refused',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(0.05) },
    costs: { minNotional: 10 },
    fills: [],
    refused: 1,
  },
  {
    name: 'an order below the smallest quantity is refused',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(0.05) },
    costs: { minQuantity: 0.1 },
    fills: [],
    refused: 1,
  },
  {
    name: 'a small position can always be closed',
    rows: [FLAT, FLAT, FLAT, FLAT],
    at: { 0: (now) => now.target(1), 1: (now) => now.target(0.05), 2: (now) => now.flat() },
    costs: { minQuantity: 0.1 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -0.95, 100, 'market'],
      [3, -0.050000000000000044, 100, 'market'],
    ],
  },
  {
    name: 'ticks: a buy limit goes down, so it is harder to reach',
    rows: [FLAT, [100, 100, 95.2, 96], [96, 96, 94.9, 95]],
    at: { 0: (now) => now.target(1, { limit: 95.4 }) },
    costs: { tick: 1 },
    fills: [[2, 1, 95, 'limit']],
  },
  {
    name: 'ticks: the stop of a long goes down, to the worse price',
    rows: [FLAT, FLAT, [100, 100, 90, 95]],
    at: { 0: (now) => now.target(1, { stop: 95.4 }) },
    costs: { tick: 1 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 95, 'stop'],
    ],
  },
  {
    name: 'ticks: a slipped price goes to the next tick against the order',
    rows: [FLAT, FLAT, FLAT],
    at: inOut,
    costs: { tick: 0.5, slippageBps: 10 },
    fills: [
      [1, 1, 100.5, 'market'],
      [2, -1, 99.5, 'market'],
    ],
  },
];
