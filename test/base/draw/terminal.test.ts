import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table, tableOrLines } from '../../../src/base/draw/terminal.ts';
import { columnWidths, folded } from '../../../src/base/draw/width.ts';
import { counted, duration } from '../../../src/base/numbers.ts';
import fc from '../../fast-check.ts';

const word = fc.stringMatching(/^[a-z0-9.%]{1,12}$/);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));

test('a line is folded between words, the later lines indented, and no word is lost or broken', () => {
  assert.deepEqual(folded('cycles    12: 1 keep, 10 discard, 1 crash; N = 14', 10, 26), [
    'cycles    12: 1 keep, 10',
    '          discard, 1',
    '          crash; N = 14',
  ]);
  const long = 'x'.repeat(60);
  assert.deepEqual(folded(`last ${long} end`, 5, 26), [`last ${long}`, '     end']);
  fc.assert(
    fc.property(text, fc.integer({ min: 24, max: 90 }), (line, width) => {
      const parts = folded(line, 6, width);
      assert.ok(parts.every((part) => part.length <= width));
      assert.deepEqual(parts.join(' ').split(' ').filter(Boolean), line.split(' ').filter(Boolean));
    }),
  );
});

test('a table fits its width where words allow, and keeps every word whole', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, text, text), { minLength: 1, maxLength: 6 }), (rows) => {
      const drawn = table(['id', 'why', 'what'], rows, 60);
      const words = new Set(drawn.split(/\s+/));
      for (const each of rows.flat().flatMap((cell) => cell.split(' '))) if (each) assert.ok(words.has(each), each);
      const least = columnWidths([['id', 'why', 'what'], ...rows], 1);
      const most = Math.max(60, least[0] + least[1] + least[2] + 4);
      for (const line of drawn.split('\n')) assert.ok(line.length <= most, line);
    }),
    { numRuns: 50 },
  );
});

test('a table that its words make too wide becomes folded lines that name every cell', () => {
  const [head, row] = [
    ['trial', 'family', 'trades'],
    ['0001-1', 'reversion-bollinger', 12],
  ] as const;
  assert.equal(tableOrLines(head, [row], 40), table(head, [row], 40));
  assert.equal(
    tableOrLines(head, [row, row], 30),
    Array(2).fill('0001-1: family\n  reversion-bollinger, trades\n  12').join('\n'),
  );
});

test('times and counts read as people say them', () => {
  const times = [350, 12_000, 59_700, 450_000, 3_600_000, 12_000_000, 90_000_000, 187_200_000];
  assert.deepEqual(times.map(duration), [
    '350 ms',
    '12 s',
    '1 min',
    '7 min 30 s',
    '1 h',
    '3 h 20 min',
    '1 day 1 h',
    '2 days 4 h',
  ]);
  assert.deepEqual([counted(1, 'cycle'), counted(0, 'cycle')], ['1 cycle', '0 cycles']);
});
