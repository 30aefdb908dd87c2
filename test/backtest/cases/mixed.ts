import { type Case, FLAT, short } from './case.ts';

/** Thin bars of 20 units, of which a tenth may be traded. */
const thin = (price: number): Case['rows'][number] => [price, price, price, price, 20];
const bracket: Case['at'] = { 0: (now) => now.target(1, { stop: 95, target: 105 }) };
const money = (cash: number): Case['market'] => ({ cash, sizing: { mode: 'fraction', fraction: 1 } });
const units = (count: number): Case['market'] => ({ sizing: { mode: 'units', units: count } });

/** Rules that meet: gaps with exits, minutes that are missing with time in force, caps with cancellations, ruin with gaps. */
export const mixed: Case[] = [
  {
    name: 'short: a gap through the stop comes before a target inside the bar',
    rows: [FLAT, FLAT, [106, 107, 80, 90]],
    at: { 0: (now) => now.target(-1, { stop: 105, target: 95 }) },
    costs: short,
    fills: [
      [1, -1, 100, 'market'],
      [2, 1, 106, 'stop'],
    ],
  },
  {
    name: 'an open exactly at the target fills there, whatever comes after',
    rows: [FLAT, FLAT, [105, 106, 90, 100]],
    at: bracket,
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 105, 'target'],
    ],
  },
  {
    name: 'a stop is passed in minutes without a trade: the open of the next bar',
    rows: [FLAT, FLAT, null, null, [90, 91, 89, 90]],
    at: bracket,
    fills: [
      [1, 1, 100, 'market'],
      [4, -1, 90, 'stop'],
    ],
  },
  {
    name: 'time in force counts bars, not minutes: run out over a gap',
    rows: [FLAT, null, FLAT, null, FLAT, [100, 100, 90, 95]],
    at: { 0: (now) => now.target(1, { limit: 95, bars: 2 }) },
    fills: [],
  },
  {
    name: 'time in force counts bars, not minutes: live over a gap',
    rows: [FLAT, null, FLAT, null, FLAT, [100, 100, 90, 95]],
    at: { 0: (now) => now.target(1, { limit: 95, bars: 3 }) },
    fills: [[5, 1, 95, 'limit']],
  },
  {
    name: 'a sell stop-limit that is gapped over waits until the price is back',
    rows: [FLAT, FLAT, [90, 92, 89, 91], [91, 97, 91, 96]],
    at: { 0: (now) => now.target(1), 1: (now) => now.target(0, { trigger: 98, limit: 96 }) },
    fills: [
      [1, 1, 100, 'market'],
      [3, -1, 96, 'limit'],
    ],
  },
  {
    name: 'a triggered stop-limit that did not fill runs out as well',
    rows: [FLAT, [108, 109, 107, 108], [108, 108, 107, 107], [107, 107, 100, 101]],
    at: { 0: (now) => now.target(1, { trigger: 105, limit: 106, bars: 2 }) },
    fills: [],
  },
  {
    name: 'a reduce-only order larger than the position closes it exactly',
    rows: [FLAT, FLAT, FLAT, FLAT],
    at: { 0: (now) => now.target(0.5), 1: (now) => now.order(-1, { reduceOnly: true }) },
    costs: short,
    fills: [
      [1, 0.5, 100, 'market'],
      [2, -0.5, 100, 'market'],
    ],
  },
  {
    name: 'a reduce-only limit that is reached when nothing is left to reduce does nothing',
    rows: [FLAT, FLAT, FLAT, [100, 106, 100, 100], FLAT],
    at: {
      0: (now) => now.target(1),
      1: (now) => {
        now.order(-1, { limit: 105, reduceOnly: true });
        now.order(-1);
      },
    },
    costs: short,
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 100, 'market'],
    ],
  },
  {
    name: 'a cap fills five units over three opens',
    rows: [thin(100), thin(100), thin(101), thin(102), thin(103)],
    at: { 0: (now) => now.target(1) },
    market: units(5),
    costs: { participation: 0.1 },
    fills: [
      [1, 2, 100, 'market'],
      [2, 2, 101, 'market'],
      [3, 1, 102, 'market'],
    ],
  },
  {
    name: 'flat() takes the rest of a capped order back and sells what came of it',
    rows: [thin(100), thin(100), thin(101), thin(102)],
    at: { 0: (now) => now.target(1), 1: (now) => now.flat() },
    market: units(5),
    costs: { participation: 0.1 },
    fills: [
      [1, 2, 100, 'market'],
      [2, -2, 101, 'market'],
    ],
  },
  {
    name: 'an exit withdraws what a capped entry still had to fill',
    rows: [thin(100), thin(100), [100, 106, 100, 104, 20], thin(104), thin(90)],
    at: { 0: (now) => now.target(1, { stop: 95, target: 105 }) },
    market: units(9),
    costs: { participation: 0.1 },
    fills: [
      [1, 2, 100, 'market'],
      [2, 2, 100, 'market'],
      [3, -2, 104, 'target'],
      [4, -2, 90, 'target'],
    ],
  },
  {
    name: 'an exit of the whole withdraws the rest of a capped limit, whose next fill would have no exits',
    rows: [thin(100), [100, 100, 94, 95, 20], [104, 106, 104, 106, 20], [96, 96, 94, 95, 20]],
    at: { 0: (now) => now.target(1, { limit: 95, stop: 90, target: 105 }) },
    market: units(5),
    costs: { participation: 0.1 },
    fills: [
      [1, 2, 95, 'limit'],
      [2, -2, 105, 'target'],
    ],
  },
  {
    name: 'a capped turn keeps the exits of the old side until the new one is there, and brings its own then',
    rows: [thin(100), thin(100), thin(100), thin(100), thin(100), [100, 106, 100, 100, 20]],
    at: {
      0: (now) => now.target(0.6, { stop: 80 }),
      2: (now) => now.target(-0.4, { stop: 105, target: 70 }),
    },
    market: units(5),
    costs: { ...short, participation: 0.1 },
    fills: [
      [1, 2, 100, 'market'],
      [2, 1, 100, 'market'],
      [3, -2, 100, 'market'],
      [4, -2, 100, 'market'],
      [5, -1, 100, 'market'],
      [5, 1, 105, 'stop'],
    ],
  },
  {
    name: 'the rest of a capped limit needs a trade through again',
    rows: [thin(100), [100, 100, 94, 95, 20], [96, 97, 96, 97, 20], [96, 96, 94, 95, 20]],
    at: { 0: (now) => now.target(1, { limit: 95 }) },
    market: units(3),
    costs: { participation: 0.1 },
    fills: [
      [1, 2, 95, 'limit'],
      [3, 1, 95, 'limit'],
    ],
  },
  {
    name: 'what a cap allows is rounded to lots',
    rows: Array<Case['rows'][number]>(5).fill([100, 100, 100, 100, 7]),
    at: { 0: (now) => now.target(1) },
    costs: { participation: 0.1, lot: 0.5 },
    fills: [
      [1, 0.5, 100, 'market'],
      [2, 0.5, 100, 'market'],
    ],
  },
  {
    name: 'less than a lot is nothing, and refused',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(0.4) },
    costs: { lot: 0.5 },
    fills: [],
    refused: 1,
  },
  {
    name: 'a tick above every price takes a buy limit to zero',
    rows: [FLAT, [100, 100, 1, 2]],
    at: { 0: (now) => now.target(1, { limit: 95 }) },
    costs: { tick: 1000 },
    fills: [],
  },
  {
    name: 'a fee as large as the price halves what the cash buys',
    rows: [FLAT, FLAT],
    at: { 0: (now) => now.target(1) },
    costs: { takerBps: 10_000 },
    market: money(1000),
    fills: [[1, 5, 100, 'market']],
    equity: 500,
  },
  {
    name: 'funding falls due three times in one gap and is charged three times at the last price before it',
    rows: [FLAT, FLAT, ...Array<null>(17 * 60).fill(null), [110, 110, 110, 110]],
    at: { 0: (now) => now.target(1) },
    costs: { ...short, fundingBps: 100 },
    start: Date.UTC(2020, 0, 1, 7, 58),
    fills: [[1, 1, 100, 'market']],
    equity: 10_000_000 + 10 - 3,
  },
  {
    name: 'trailing stop and target in one bar: the old level of the stop',
    rows: [FLAT, FLAT, [100, 106, 94, 100]],
    at: { 0: (now) => now.target(1, { trail: 5, target: 105 }) },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 95, 'trailing'],
    ],
  },
  {
    name: 'a trailing stop is pulled and hit in the bar of the entry',
    rows: [FLAT, [100, 103, 97.5, 98]],
    at: { 0: (now) => now.target(1, { trail: 5 }) },
    fills: [
      [1, 1, 100, 'market'],
      [1, -1, 97.5, 'trailing'],
    ],
  },
  {
    name: 'a flip brings its own stop',
    rows: [FLAT, FLAT, FLAT, [100, 106, 100, 105]],
    at: { 0: (now) => now.target(1, { stop: 95 }), 1: (now) => now.target(-1, { stop: 105 }) },
    costs: short,
    fills: [
      [1, 1, 100, 'market'],
      [2, -2, 100, 'market'],
      [3, 1, 105, 'stop'],
    ],
  },
  {
    name: 'an order beside the stop that is touched in the same bar opens what it says',
    rows: [FLAT, FLAT, [100, 106, 94, 100], FLAT],
    at: { 0: (now) => now.target(1, { stop: 95 }), 1: (now) => now.order(-1, { limit: 105 }) },
    costs: short,
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 95, 'stop'],
      [2, -1, 105, 'limit'],
    ],
  },
  {
    name: 'one of a pair runs out, the other stays',
    rows: [FLAT, FLAT, FLAT, [100, 106, 100, 105]],
    at: {
      0: (now) => {
        now.order(1, { limit: 95, oco: true, bars: 1 });
        now.order(1, { trigger: 105, oco: true });
      },
    },
    fills: [[3, 1, 105, 'trigger']],
  },
  {
    name: 'a breakout with a bracket is stopped in its own bar',
    rows: [FLAT, [100, 106, 100, 105], [105, 111, 104, 110]],
    at: { 0: (now) => now.order(1, { trigger: 105, stop: 103, target: 110 }) },
    fills: [
      [1, 1, 105, 'trigger'],
      [1, -1, 103, 'stop'],
    ],
  },
  {
    name: 'a delayed world: a stop that is set arrives late, too',
    rows: [FLAT, FLAT, FLAT, [100, 100, 94, 100], [100, 100, 94, 100]],
    at: { 0: (now) => now.target(1), 2: (now) => now.protect({ stop: 95 }) },
    scenario: { delayBars: 1 },
    fills: [
      [2, 1, 100, 'market'],
      [4, -1, 95, 'stop'],
    ],
  },
  {
    name: 'a price that falls to a ten-thousandth ruins no long that is paid in full',
    rows: [FLAT, FLAT, [0.01, 0.01, 0.01, 0.01]],
    at: { 0: (now) => now.target(1) },
    costs: short,
    market: money(100),
    fills: [[1, 1, 100, 'market']],
    equity: 0.01,
  },
  {
    name: 'a short that is gapped beyond its ruin ends at zero, not below',
    rows: [FLAT, FLAT, [250, 260, 240, 250]],
    at: { 0: (now) => now.target(-1) },
    costs: short,
    market: money(100),
    fills: [
      [1, -1, 100, 'market'],
      [2, 1, 200, 'liquidation'],
    ],
    equity: 0,
    ruined: true,
  },
];
