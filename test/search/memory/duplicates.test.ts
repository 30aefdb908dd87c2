import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../../src/base/random.ts';
import type { RunEvent } from '../../../src/journal/events.ts';
import { duplicateOf, mostAlike } from '../../../src/search/memory/duplicates.ts';

const SOURCE = `import { defineStrategy, ema } from 'ralph/strategy';
// a comment
export default defineStrategy({ family: 'trend', hypothesis: 'one "thing"', decide(now) { if (now.fast > now.slow) now.target(1); } });`;
const YAML = 'strategy: a.ts\nsymbols: [BTCUSD]\nparams: { fast: 10 }\n';

const store: Record<string, string> = { s1: SOURCE, y1: YAML };
const events = [
  {
    type: 'trial.started',
    trial: '0001-1',
    fingerprint: 'f1',
    files: { 'a.ts': 's1', 'a.yaml': 'y1' },
    params: { fast: 10 },
  },
] as unknown as RunEvent[];
const ask = (source: string, params: Record<string, number> = { fast: 10 }, yaml = YAML) =>
  duplicateOf(
    { files: { 'b.ts': source, 'b.yaml': yaml }, params, fingerprint: 'other' },
    events,
    (name) => store[name],
  );

test('new names, comments, layout and wording do not make a new trial', () => {
  const disguised = SOURCE.replace('// a comment', '/* something\nelse */')
    .replace("'trend'", "'other-family'")
    .replace('one "thing"', 'another story')
    .replaceAll(' now', '  now');
  assert.equal(ask(disguised), '0001-1');
  assert.equal(ask(disguised, { fast: 10 }, 'strategy: b.ts\nsymbols: [ BTCUSD ]\nparams:\n  fast: 10\n'), '0001-1');
});

test('another parameter, symbol, number or rule is another trial', () => {
  assert.equal(ask(SOURCE, { fast: 11 }), null);
  assert.equal(ask(SOURCE.replace('target(1)', 'target(2)')), null);
  assert.equal(ask(SOURCE.replace('>', '<')), null);
  assert.equal(ask(SOURCE, { fast: 10 }, YAML.replace('BTCUSD', 'ETHUSD')), null);
});

test('the same fingerprint is a repeat even without the objects', () => {
  assert.equal(duplicateOf({ files: {}, params: {}, fingerprint: 'f1' }, events), '0001-1');
});

test('after the data or the gates changed the same candidate is another question', () => {
  const segment = { type: 'segment.started', segment: 2 } as unknown as RunEvent;
  const submission = { files: {}, params: {}, fingerprint: 'f1' };
  assert.equal(duplicateOf(submission, [...events, segment]), null);
  assert.equal(duplicateOf(submission, [...events, segment, ...events]), '0001-1');
});

test('return series that move together are found, others are not', () => {
  const random = seededRandom(1);
  const base = Float64Array.from({ length: 400 }, () => gaussian(random));
  const close = base.map((value) => value + 0.1 * gaussian(random));
  const far = base.map(() => gaussian(random));
  const flat = new Float64Array(400);
  assert.equal(
    mostAlike(
      close,
      [
        ['far', far],
        ['base', base],
      ],
      0.95,
    )?.trial,
    'base',
  );
  assert.equal(
    mostAlike(
      far,
      [
        ['base', base],
        ['flat', flat],
      ],
      0.95,
    ),
    null,
  );
  assert.equal(
    mostAlike(
      flat,
      [
        ['base', base],
        ['flat', flat],
      ],
      0.95,
    )?.trial,
    'flat',
  );
  assert.equal(mostAlike(base.slice(0, 30), [['short', base.slice(0, 30)]], 0.95), null);
});
