import { type Case, FLAT, short } from './case.ts';

const inOut: Case['at'] = { 0: (now) => now.target(1), 1: (now) => now.flat() };
const buy: Case['at'] = { 0: (now) => now.target(1) };
const start = Date.UTC(2020, 0, 1, 7, 58);

export const funding: Case[] = [
  {
    name: 'funding: a long pays the rate at the funding time',
    rows: [FLAT, FLAT, FLAT],
    start,
    at: buy,
    costs: { ...short, fundingBps: 100 },
    fills: [[1, 1, 100, 'market']],
    equity: 10_000_000 - 1,
  },
  {
    name: 'funding: a short receives it',
    rows: [FLAT, FLAT, FLAT],
    start,
    at: { 0: (now) => now.target(-1) },
    costs: { ...short, fundingBps: 100 },
    fills: [[1, -1, 100, 'market']],
    equity: 10_000_000 + 1,
  },
  {
    name: 'funding: a negative rate turns it round',
    rows: [FLAT, FLAT, FLAT],
    start,
    at: buy,
    costs: { ...short, fundingBps: -100 },
    fills: [[1, 1, 100, 'market']],
    equity: 10_000_000 + 1,
  },
  {
    name: 'funding: who enters in its minute does not pay',
    rows: [FLAT, FLAT, FLAT],
    start,
    at: { 1: (now) => now.target(1) },
    costs: { ...short, fundingBps: 100 },
    fills: [[2, 1, 100, 'market']],
    equity: 10_000_000,
  },
  {
    name: 'funding: who leaves in its minute still does',
    rows: [FLAT, FLAT, FLAT],
    start,
    at: inOut,
    costs: { ...short, fundingBps: 100 },
    fills: [
      [1, 1, 100, 'market'],
      [2, -1, 100, 'market'],
    ],
    equity: 10_000_000 - 1,
  },
  {
    name: 'funding: known rates come before the configured one',
    rows: [FLAT, FLAT, FLAT, FLAT],
    start,
    at: buy,
    costs: {
      ...short,
      fundingBps: 100,
      fundingHistory: { time: [start + 120_000, start + 180_000], rate: [0.02, 0.03] },
    },
    fills: [[1, 1, 100, 'market']],
    equity: 10_000_000 - 5,
  },
  {
    name: 'funding: a gap over its time is charged at the last price before it',
    rows: [FLAT, [100, 110, 100, 110], null, [200, 200, 200, 200]],
    start,
    at: buy,
    costs: { ...short, fundingBps: 100 },
    fills: [[1, 1, 100, 'market']],
    equity: 10_000_100 - 1.1,
  },
];
