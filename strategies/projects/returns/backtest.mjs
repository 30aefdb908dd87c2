import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { positions } from './strategy.mjs';

// Writes what the strategy holds after each close. It says no number: score.mjs makes returns of it.
const [, ...rows] = readFileSync('prices.csv', 'utf8').trim().split('\n');
const days = rows.map((row) => row.split(','));
const held = positions(days.map(([, close]) => Number(close)));
mkdirSync('out', { recursive: true });
writeFileSync('out/positions.csv', `${days.map(([date], i) => `${date},${held[i]}`).join('\n')}\n`);
