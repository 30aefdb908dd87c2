import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// What was held after one close earns the change to the next; each change of it costs.
const COST = 0.0005;
const table = (path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((row) => row.split(','));
const [, ...prices] = table('prices.csv');
const held = table('out/positions.csv');
if (held.length !== prices.length) throw new Error(`expected ${prices.length} positions, got ${held.length}`);
const returns = prices.slice(1).map(([date, close], i) => {
  const [time, text] = held[i];
  const position = Number(text || NaN);
  if (time !== prices[i][0]) throw new Error(`expected the position of ${prices[i][0]}, got ${time}`);
  if (!(Math.abs(position) <= 1)) throw new Error(`the position of ${time} is ${text}: expected -1 to 1`);
  const traded = Math.abs(position - (i > 0 ? Number(held[i - 1][1]) : 0));
  return `${date},${position * (Number(close) / Number(prices[i][1]) - 1) - COST * traded}`;
});
writeFileSync(join(process.env.RALPH_RESULT, 'returns.csv'), `${returns.join('\n')}\n`);
