import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import type { Box } from '../../../src/backtest/contract.ts';
import { agreementOf } from '../../../src/base/numbers.ts';
import { readGatesConfig } from '../../../src/gates/config.ts';
import { dailyReturns } from '../../../src/metrics/returns.ts';
import { BLIND } from './leaks/blind.ts';
import { type Leak, leakSource } from './leaks/case.ts';
import { CAUGHT } from './leaks/caught.ts';
import { HONEST } from './leaks/honest.ts';
import { ODD, oddSource } from './leaks/odd.ts';
import { REFUSED } from './leaks/refused.ts';
import { boxFor, boxForCode, REQUEST, SYMBOLS, strategySource, windowFile } from './support.ts';

const { minAgreement: MIN_AGREEMENT } = readGatesConfig(
  new URL('../../../config/gates.yaml', import.meta.url).pathname,
).surrogates;

let files: string[];
let thin: string[];
before(() => {
  thin = SYMBOLS.map((symbol) => windowFile(15_000, symbol));
  files = SYMBOLS.map((symbol) => windowFile(60_000, symbol));
});

describe('a candidate that tries to see the future', { concurrency: 2 }, () => {
  for (const leak of [...CAUGHT, ...BLIND, ...REFUSED]) test(`${leak.end}: ${leak.name}`, () => comesToNothing(leak));
});

async function comesToNothing(leak: Leak): Promise<void> {
  const source = leakSource(leak);
  const yaml = `strategy: leak.ts\nsymbols: [${SYMBOLS.slice(0, leak.symbols ?? 1).join(', ')}]\n`;
  const compiled = await compileCandidate({ name: 'leak', source, yaml });
  if (leak.end === 'refused') return assert.equal(compiled.ok, false);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const box = await boxForCode(compiled.code, files.slice(0, leak.symbols ?? 1));
  if (!box.ok) return assert.equal(leak.end, 'throw', box.message);
  try {
    await endsAs(leak.end, box.value);
  } finally {
    await box.value.close();
  }
}

async function endsAs(end: Leak['end'], box: Box): Promise<void> {
  const audit = await box.audit({}, 20, 1);
  if (end === 'throw') return assert.ok(!audit.ok && audit.kind === 'throw', JSON.stringify(audit));
  assert.ok(audit.ok, JSON.stringify(audit));
  if (end === 'blind') {
    assert.equal(audit.value.leak, null);
    return remembersNothing(box);
  }
  assert.ok(audit.value.leak, 'the audit saw nothing');
  // Without an audit it gets no numbers either.
  const answer = await box.simulate([REQUEST]);
  assert.ok(!answer.ok && answer.kind === 'leak', JSON.stringify(answer).slice(0, 300));
  assert.match(answer.message, /uses the future/);
}

/** The second simulation of a box must not know what the first saw. */
async function remembersNothing(box: Box): Promise<void> {
  const answer = await box.simulate([REQUEST, REQUEST]);
  assert.ok(answer.ok, JSON.stringify(answer));
  assert.equal(answer.value[0].equityFingerprint, answer.value[1].equityFingerprint);
}

/** How much of the daily returns stays the same on a noisy window. */
async function agreementOnNoise(box: Box): Promise<number> {
  const noisy = (index: number) => ({ ...REQUEST, surrogate: { index, holdMinutes: 1, drift: false, noise: true } });
  const answer = await box.simulate([0, 1, 2, 3].map(noisy));
  assert.ok(answer.ok, JSON.stringify(answer));
  const [exact, ...others] = answer.value.map(dailyReturns);
  return Math.max(...others.map((returns) => agreementOf(exact, returns)));
}

describe('an honest custom indicator', { concurrency: 2 }, () => {
  for (const [name, indicators] of Object.entries(HONEST)) {
    test(name, async () => {
      const decide = 'if (now.peek > 0 && now.position <= 0) now.target(1); else if (now.peek <= 0) now.flat();';
      const source = leakSource({ name, indicators, decide, end: 'blind' });
      const box = await boxFor(source, thin);
      assert.ok(box.ok, JSON.stringify(box));
      const audit = await box.value.audit({}, 20, 1);
      const answer = await box.value.simulate([REQUEST]);
      const agreement = await agreementOnNoise(box.value);
      await box.value.close();
      assert.ok(audit.ok && answer.ok, JSON.stringify([audit, answer]).slice(0, 300));
      assert.equal(audit.value.leak, null);
      assert.ok(agreement >= MIN_AGREEMENT, `agreement on a noisy window ${agreement}`);
    });
  }
});

describe('a strategy that is honest and unusual', { concurrency: 2 }, () => {
  for (const odd of ODD) {
    test(odd.name, async (t) => {
      const symbols = SYMBOLS.slice(0, odd.symbols ?? 1);
      const yaml = `strategy: odd.ts\nsymbols: [${symbols.join(', ')}]\n`;
      const compiled = await compileCandidate({ name: 'odd', source: oddSource(odd), yaml });
      assert.ok(compiled.ok, JSON.stringify(compiled));
      const box = await boxForCode(compiled.code, thin.slice(0, symbols.length));
      assert.ok(box.ok, JSON.stringify(box));
      try {
        const audit = await box.value.audit({}, 20, 1);
        assert.ok(audit.ok && audit.value.leak === null, JSON.stringify(audit));
        await remembersNothing(box.value);
        const agreement = await agreementOnNoise(box.value);
        t.diagnostic(`agreement on a noisy window ${agreement.toFixed(3)}`);
        assert.ok(agreement >= MIN_AGREEMENT, `${agreement}`);
      } finally {
        await box.value.close();
      }
    });
  }
});

test('a strategy that acts on the last bar of a window that ends in a gap does not look ahead', async () => {
  const source = strategySource({ inside: 'now.target(now.position > 0 ? -1 : 1);', timeframe: '15m' });
  const box = await boxFor(source, [windowFile(15_007, SYMBOLS[0], 'gap', 40)]);
  assert.ok(box.ok, JSON.stringify(box));
  const audit = await box.value.audit({}, 20, 1);
  await box.value.close();
  assert.ok(audit.ok, JSON.stringify(audit));
  assert.equal(audit.value.leak, null);
});

describe('an honest strategy', { concurrency: 2 }, () => {
  const folder = join(import.meta.dirname, '../../../strategies/library');
  for (const path of globSync(join(folder, '*.ts')).sort()) {
    test(`${basename(path, '.ts')} passes the audit`, async () => {
      const [source, yaml] = [readFileSync(path, 'utf8'), readFileSync(path.replace(/ts$/, 'yaml'), 'utf8')];
      const compiled = await compileCandidate({ name: basename(path, '.ts'), source, yaml });
      assert.ok(compiled.ok, JSON.stringify(compiled));
      const box = await boxForCode(compiled.code, files.slice(0, 1));
      assert.ok(box.ok, JSON.stringify(box));
      const audit = await box.value.audit(compiled.config.params, 20, 1);
      await box.value.close();
      assert.ok(audit.ok, JSON.stringify(audit));
      assert.deepEqual(audit.value.leak, null);
      assert.equal(audit.value.cuts, 20);
    });
  }
});
