import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate } from '../../src/search/digest/brief.ts';
import { buildDigest } from '../../src/search/digest/digest.ts';
import { queryJournal } from '../../src/search/digest/query.ts';
import { clipToTokens, estimateTokens } from '../../src/search/digest/tokens.ts';
import { diffLines } from '../../src/search/directive/program.ts';
import { readHint } from '../../src/search/hints/hint-file.ts';
import { parseClaims } from '../../src/search/memory/claim.ts';
import { correlation } from '../../src/search/memory/duplicates.ts';
import fc from '../fast-check.ts';
import { JournalBuilder } from './build.ts';

const text = fc.string({ unit: 'binary', maxLength: 600 });
const runs = { numRuns: 120 };

test('whatever a model or a human wrote, the digest keeps its budget and the query answers', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), fc.integer({ min: 0, max: 1500 }), (texts, tokens) => {
      const run = new JournalBuilder().start();
      for (const words of texts) {
        const trial = run.cycle({
          family: words.slice(0, 40) || 'f',
          candidate: words.slice(0, 30) || 'c',
          hypothesis: words,
        });
        run.lesson(words, [trial, 'unknown']);
        run.add({
          type: 'hint.taken',
          hint: words.slice(0, 9),
          text: words,
          sha256: '',
          cycle: 1,
          priority: 5,
          expiresAt: null,
          scope: words,
        });
      }
      assert.ok(estimateTokens(buildDigest(run.events, { tokens, cycle: texts.length + 1 })) <= tokens);
      for (const kind of ['lessons', 'families', 'candidate', words(texts)]) {
        assert.ok(estimateTokens(queryJournal(run.events, { kind, name: texts[0], cycle: 1 })) <= 700);
      }
    }),
    runs,
  );
});

const words = (texts: readonly string[]) => texts[0] ?? 'nothing';

test('readers of free text never throw', () => {
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: 5000 }), (words, bytes) => {
      parseClaims(words);
      readHint(Buffer.from(bytes));
      readHint(Buffer.from(`---\n${words}\n---\n${words}`));
    }),
    runs,
  );
});

test('a value is put into a template as it is', () => {
  fc.assert(
    fc.property(text, (value) => fillTemplate('<{{a}}>', { a: value }) === `<${value}>`),
    runs,
  );
});

test('clipping keeps to its tokens and leaves short texts alone', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 10, max: 300 }), (words, tokens) => {
      const clipped = clipToTokens(words, tokens, '(cut)');
      assert.ok(estimateTokens(clipped) <= tokens);
      if (estimateTokens(words) <= tokens) assert.equal(clipped, words);
    }),
    runs,
  );
});

test('a diff names every changed line and nothing else', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const diff = diffLines(a.join('\n'), b.join('\n')).split('\n').filter(Boolean);
      const count = (sign: string) => diff.filter((line) => line.startsWith(sign)).length;
      const length = (list: string[]) => list.join('\n').split('\n').length;
      assert.equal(length(b) - length(a), count('+') - count('-'));
      if (a.join('\n') === b.join('\n')) assert.deepEqual(diff, []);
    }),
    runs,
  );
});

test('correlation is within -1 and 1, symmetric, and 1 with itself', () => {
  const series = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(series, series, (a, b) => {
      const [x, y] = [Float64Array.from(a), Float64Array.from(b)];
      const r = correlation(x, y);
      assert.ok(Math.abs(r) <= 1 + 1e-9);
      assert.ok(Math.abs(r - correlation(y, x)) < 1e-12);
      assert.ok(Math.abs(correlation(x, x) - 1) < 1e-9);
    }),
    runs,
  );
});
