// The tests of the bundle. The bundle runs in a process of its own and answers orders that are new each time: ending early is no answer.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const seed = Number(process.env.RALPH_SEED ?? 1);
const orders = [0, 1, 99, 100, 123456, 100000000, 987654321].map((cents, i) => ({
  day: 1 + ((seed + i) % 28),
  month: 1 + ((seed + 5 * i) % 12),
  year: 2000 + ((seed + i) % 90),
  cents: cents + (seed % 89),
  discount: ((seed + 7 * i) % 100) / 100,
}));
const program = `import { describe } from './dist/bundle.js'; console.log(JSON.stringify(${JSON.stringify(orders)}.map(describe)));`;
const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
const expected = orders.map(({ day, month, year, cents, discount }) => {
  const money = (cents / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
  return `${day} ${MONTHS[month - 1]} ${year}: ${money}, ${Math.round(discount * 100)}% off`;
});
assert.deepEqual(JSON.parse(stdout || '[]'), expected);
