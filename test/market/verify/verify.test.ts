import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bars, MINUTE } from '../../../src/market/bars.ts';
import { Inspector } from '../../../src/market/verify/inspect.ts';
import { drawCoverage } from '../../../src/market/verify/picture.ts';

const START = Date.UTC(2024, 0, 31, 22);

/** Bars of [minute, price, volume] rows; high and low half a unit around the price unless it is flat. */
function barsOf(rows: [number, number, number, boolean?][]): Bars {
  const column = (f: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, f);
  return {
    length: rows.length,
    time: column(([minute]) => START + minute * MINUTE),
    open: column(([, price]) => price),
    high: column(([, price, , flat]) => price + (flat ? 0 : 0.5)),
    low: column(([, price, , flat]) => price - (flat ? 0 : 0.5)),
    close: column(([, price]) => price),
    volume: column(([, , volume]) => volume),
  };
}

const inspect = (rows: [number, number, number, boolean?][], minutes: number) => {
  const inspector = new Inspector(START);
  // in two pieces, as the database hands them out
  inspector.add(barsOf(rows.slice(0, 7)));
  inspector.add(barsOf(rows.slice(7)));
  return inspector.finish(START + minutes * MINUTE);
};
const rising = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, k) => [from + k, 100 + ((from + k) % 3) * 0.01, 1] as [number, number, number]);

test('a gap belongs to the month it begins in, its minutes to the months they lie in', () => {
  // 22:00 to 24:00 is January; a gap from 23:50 to 00:20
  const { months, gaps } = inspect([...rising(0, 110), ...rising(140, 200)], 200);
  assert.deepEqual(gaps, [{ from: START + 110 * MINUTE, length: 30 }]);
  assert.deepEqual(
    months.map(({ month, bars, minutes, missing, gaps: n }) => [month, bars, minutes, missing, n]),
    [
      ['2024-01', 110, 120, 10, 1],
      ['2024-02', 60, 80, 20, 0],
    ],
  );
});

test('months are in order also where whole ones are missing, and a move over such a hole is no outlier', () => {
  const rows = rising(0, 100);
  const later = 70 * 1440;
  const { months } = inspect(
    [
      ...rows,
      ...rising(later, later + 100).map(([minute, price]) => [minute, price * 2, 1] as [number, number, number]),
    ],
    later + 100,
  );
  assert.deepEqual(
    months.map(({ month, bars, outliers }) => [month, bars, outliers]),
    [
      ['2024-01', 100, 0],
      ['2024-02', 0, 0],
      ['2024-03', 0, 0],
      ['2024-04', 100, 0],
    ],
  );
});

test('a hole at either end of the stretch that is looked at is a gap too', () => {
  const { gaps } = inspect(rising(5, 50), 60);
  assert.deepEqual(
    gaps.map(({ length }) => length),
    [5, 10],
  );
});

test('outliers, duplicates, flat and silent stretches are found with their places', () => {
  const rows = rising(0, 100);
  rows[50] = [50, 150, 1];
  rows[60] = [60, 100, 1];
  rows.splice(61, 0, [60, 100, 1]);
  const flat = Array.from({ length: 70 }, (_, k) => [100 + k, 200, 5, true] as [number, number, number, boolean]);
  const silent = Array.from({ length: 40 }, (_, k) => [170 + k, 200 + (k % 2), 0] as [number, number, number]);
  const { months } = inspect([...rows, ...flat, ...silent], 210);
  const sum = (key: 'duplicates' | 'flatRuns' | 'silentRuns') => months.reduce((total, month) => total + month[key], 0);
  assert.deepEqual([sum('duplicates'), sum('flatRuns'), sum('silentRuns')], [1, 1, 1]);
  assert.ok(months[0].outliers >= 2);
  assert.equal(months[0].worstOutlier!.time, START + 100 * MINUTE);
  assert.deepEqual(months[0].longestFlat, { from: START + 100 * MINUTE, length: 70 });
  assert.deepEqual(months[1].longestSilent, { from: START + 170 * MINUTE, length: 40 });
});

test('the picture is well-formed, has a column a day and breaks its line at missing days', () => {
  const day = (k: number) => ({ day: START + k * 86_400_000, bars: 720, high: 110, low: 90, close: 100 + k });
  const svg = drawCoverage('A<B', [day(0), day(1), day(5)]);
  assert.equal(svg.match(/<rect /g)!.length, 1 + 3);
  assert.match(svg, /A&#60;B: 2160 bars/);
  const line = /d="([^"]+)" fill="none" stroke="#1f4e79"/.exec(svg)![1];
  assert.deepEqual(line.replaceAll(/[^ML]/g, ''), 'MLM');
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
});
