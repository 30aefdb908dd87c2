import { type Case, FLAT, short } from './case.ts';

const buyAt95: Case['at'] = { 0: (now) => now.target(1, { limit: 95 }) };
const breakout: Case['at'] = { 0: (now) => now.target(1, { trigger: 105 }) };
export const working: Case[] = [
  { name: 'a limit needs the price to trade through it', rows: [FLAT, [100, 101, 95, 96]], at: buyAt95, fills: [] },
  {
    name: 'a limit traded through fills at the limit',
    rows: [FLAT, [100, 101, 94.9, 96]],
    at: buyAt95,
    fills: [[1, 1, 95, 'limit']],
  },
  {
    name: 'a limit rests until it is traded through',
    rows: [FLAT, FLAT, FLAT, [100, 100, 94, 95]],
    at: buyAt95,
    fills: [[3, 1, 95, 'limit']],
  },
  {
    name: 'an open beyond a buy limit fills at the open',
    rows: [FLAT, [93, 96, 92, 95]],
    at: buyAt95,
    fills: [[1, 1, 93, 'limit']],
  },
  {
    name: 'an open at the limit is a touch: it still needs a trade through',
    rows: [FLAT, [95, 96, 95, 95]],
    at: buyAt95,
    fills: [],
  },
  {
    name: 'an open at the limit and a lower low fill at the limit',
    rows: [FLAT, [95, 96, 94, 95]],
    at: buyAt95,
    fills: [[1, 1, 95, 'limit']],
  },
  {
    name: 'a sell limit mirrors it',
    rows: [FLAT, [100, 105, 99, 104], [104, 105.1, 103, 104]],
    at: { 0: (now) => now.target(-1, { limit: 105 }) },
    costs: short,
    fills: [[2, -1, 105, 'limit']],
  },
  {
    name: 'a stop-entry fills at its price, never at the open below it',
    rows: [FLAT, [100, 106, 99, 105]],
    at: breakout,
    fills: [[1, 1, 105, 'trigger']],
  },
  {
    name: 'a stop-entry is touched by an equal high',
    rows: [FLAT, [100, 105, 99, 104]],
    at: breakout,
    fills: [[1, 1, 105, 'trigger']],
  },
  {
    name: 'a gap over a stop-entry fills at the open',
    rows: [FLAT, [107, 108, 106, 107]],
    at: breakout,
    fills: [[1, 1, 107, 'trigger']],
  },
  {
    name: 'a sell stop-entry mirrors it',
    rows: [FLAT, [100, 101, 94, 95]],
    at: { 0: (now) => now.target(-1, { trigger: 95 }) },
    costs: short,
    fills: [[1, -1, 95, 'trigger']],
  },
  {
    name: 'a stop-limit takes its trigger price when the limit allows it',
    rows: [FLAT, [100, 107, 99, 106]],
    at: { 0: (now) => now.target(1, { trigger: 105, limit: 106 }) },
    fills: [[1, 1, 105, 'limit']],
  },
  {
    name: 'a stop-limit that is gapped over waits for its limit',
    rows: [FLAT, [108, 109, 107, 108], [108, 108, 105, 106]],
    at: { 0: (now) => now.target(1, { trigger: 105, limit: 106 }) },
    fills: [[2, 1, 106, 'limit']],
  },
  {
    name: 'a stop-limit gapped over inside its limit fills at the open',
    rows: [FLAT, [105.5, 109, 105, 108]],
    at: { 0: (now) => now.target(1, { trigger: 105, limit: 106 }) },
    fills: [[1, 1, 105.5, 'limit']],
  },
  {
    name: 'a limit behind the trigger is not filled by the part of the bar before it',
    rows: [FLAT, [100, 106, 99, 105], [105, 105, 102, 104]],
    at: { 0: (now) => now.target(1, { trigger: 105, limit: 103 }) },
    fills: [[2, 1, 103, 'limit']],
  },
  {
    name: 'a limit behind the trigger fills when the close has come back through it',
    rows: [FLAT, [100, 106, 99, 102]],
    at: { 0: (now) => now.target(1, { trigger: 105, limit: 103 }) },
    fills: [[1, 1, 103, 'limit']],
  },
  {
    name: 'time in force: live for so many closed bars',
    rows: [FLAT, FLAT, FLAT, [100, 100, 94, 95]],
    at: { 0: (now) => now.target(1, { limit: 95, bars: 2 }) },
    fills: [],
  },
  {
    name: 'time in force: filled in its last bar',
    rows: [FLAT, FLAT, [100, 100, 94, 95]],
    at: { 0: (now) => now.target(1, { limit: 95, bars: 2 }) },
    fills: [[2, 1, 95, 'limit']],
  },
  {
    name: 'cancel() takes a working order back',
    rows: [FLAT, FLAT, [100, 100, 94, 95]],
    at: { ...buyAt95, 1: (now) => now.cancel() },
    fills: [],
  },
  {
    name: 'a new target replaces the working order',
    rows: [FLAT, FLAT, [100, 100, 94, 95]],
    at: { ...buyAt95, 1: (now) => now.target(1, { limit: 94.5 }) },
    fills: [[2, 1, 94.5, 'limit']],
  },
  {
    name: 'a stop on the bar of a limit entry is taken',
    rows: [FLAT, [100, 101, 89, 96]],
    at: { 0: (now) => now.target(1, { limit: 95, stop: 90 }) },
    fills: [
      [1, 1, 95, 'limit'],
      [1, -1, 90, 'stop'],
    ],
  },
  {
    name: 'a high before a limit entry is no target',
    rows: [FLAT, [100, 106, 94, 96]],
    at: { 0: (now) => now.target(1, { limit: 95, target: 105 }) },
    fills: [[1, 1, 95, 'limit']],
  },
  {
    name: 'a close beyond the target after a limit entry is one',
    rows: [FLAT, [100, 107, 94, 106]],
    at: { 0: (now) => now.target(1, { limit: 95, target: 105 }) },
    fills: [
      [1, 1, 95, 'limit'],
      [1, -1, 105, 'target'],
    ],
  },
  {
    name: 'a stop above a limit entry gets the price of the entry, not its own',
    rows: [FLAT, [100, 101, 94, 96]],
    at: { 0: (now) => now.target(1, { limit: 95, stop: 98 }) },
    fills: [
      [1, 1, 95, 'limit'],
      [1, -1, 95, 'stop'],
    ],
  },
  {
    name: 'the same for a short',
    rows: [FLAT, [100, 106, 99, 104]],
    at: { 0: (now) => now.target(-1, { limit: 105, stop: 102 }) },
    costs: short,
    fills: [
      [1, -1, 105, 'limit'],
      [1, 1, 105, 'stop'],
    ],
  },
  {
    name: 'a low on the bar of a stop-entry counts against it',
    rows: [FLAT, [100, 106, 98, 105]],
    at: { 0: (now) => now.target(1, { trigger: 105, stop: 99 }) },
    fills: [
      [1, 1, 105, 'trigger'],
      [1, -1, 99, 'stop'],
    ],
  },
  {
    name: 'a high after a stop-entry is a target',
    rows: [FLAT, [100, 108, 100, 106]],
    at: { 0: (now) => now.target(1, { trigger: 105, target: 107, stop: 98 }) },
    fills: [
      [1, 1, 105, 'trigger'],
      [1, -1, 107, 'target'],
    ],
  },
];
