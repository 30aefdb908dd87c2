import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { after, before, test } from 'node:test';
import type { Box } from '../../../src/backtest/contract.ts';
import { DAY } from '../../../src/market/bars.ts';
import { readWindowFile } from '../../../src/market/window-file.ts';
import { boxFor, REQUEST, simulateSource, strategySource, windowFile } from './support.ts';

let file: string;
let box: Box;

before(async () => {
  file = windowFile(20_000);
  const opened = await boxFor(strategySource({}), [file]);
  assert.ok(opened.ok, JSON.stringify(opened));
  box = opened.value;
});
after(() => box.close());

test('several requests to one child are answered in order', async () => {
  const stressed = { ...REQUEST, scenario: { ...REQUEST.scenario, name: 'double', costMultiplier: 2 } };
  const [first, second, audit] = await Promise.all([
    box.simulate([REQUEST, stressed]),
    box.simulate([{ ...REQUEST, detail: 'full' }]),
    box.audit({}, 20, 1),
  ]);
  assert.ok(first.ok && second.ok && audit.ok, JSON.stringify([first, second, audit]).slice(0, 500));
  assert.deepEqual(
    first.value.map(({ scenario }) => scenario),
    ['base', 'double'],
  );
  assert.ok(first.value[1].finalEquity < first.value[0].finalEquity);
  assert.equal(second.value[0].fills?.length, second.value[0].fillCount);
  assert.equal(second.value[0].equityFingerprint, first.value[0].equityFingerprint);
  assert.deepEqual(audit.value.leak, null);
  assert.equal(audit.value.cuts, 20);
  assert.ok(audit.value.compared > 20);
});

test('the same candidate in two children gives the same result, byte for byte', async () => {
  const [a, b] = await Promise.all([box.simulate([REQUEST]), simulateSource(strategySource({}), [file])]);
  assert.ok(a.ok && b.ok);
  assert.deepEqual(a.value[0], b.value);
});

test('what the audit played is what a simulation gives, and answers no other question', async () => {
  const opened = await boxFor(strategySource({}), [file]);
  assert.ok(opened.ok);
  const other = opened.value;
  assert.ok((await other.future(REQUEST.params, 6, 1)).ok);
  const scenarios = [{}, { costMultiplier: 3 }, { delayBars: 2 }].map((worse) => ({ ...REQUEST.scenario, ...worse }));
  const { range } = readWindowFile(file);
  const half = { ...REQUEST, range: { from: range.from, to: range.from + 5 * DAY } };
  const full = { ...REQUEST, detail: 'full' as const };
  const requests = [...scenarios.map((scenario) => ({ ...REQUEST, scenario })), full, half];
  const [after, before] = [await other.simulate(requests), await box.simulate(requests)];
  await other.close();
  assert.ok(after.ok && before.ok, JSON.stringify([after, before]).slice(0, 300));
  assert.deepEqual(after.value, before.value);
  assert.equal(new Set(after.value.slice(0, 3).map(({ finalEquity }) => finalEquity)).size, 3);
});

test('an audit between two questions about one surrogate changes neither the answers nor itself', async (t) => {
  const on = (index: number, more = {}) => ({
    ...REQUEST,
    ...more,
    surrogate: { index, holdMinutes: 1, drift: false },
  });
  const costly = { scenario: { ...REQUEST.scenario, costMultiplier: 3 } };
  const [expected, apart] = [await boxFor(strategySource({}), [file]), await boxFor(strategySource({}), [file])];
  assert.ok(expected.ok && apart.ok);
  const [plain, audited] = [expected.value, apart.value];
  t.after(() => Promise.all([plain.close(), audited.close()]));
  const answers = [await plain.simulate([on(3)]), await plain.simulate([on(3, costly)])];
  const audit = await audited.audit(REQUEST.params, 6, 1);
  const first = await audited.simulate([on(3)]);
  assert.deepEqual(await audited.audit(REQUEST.params, 6, 1), audit);
  assert.deepEqual([first, await audited.simulate([on(3, costly)])], answers);
});

test("a throw names the author's line and column", async () => {
  const source = strategySource({ inside: "\n\n    if (now.close > 0) throw new TypeError('no such level');" });
  const line = source.split('\n').findIndex((text) => text.includes('no such level')) + 1;
  const answer = await simulateSource(source, [file]);
  assert.deepEqual(answer, { ok: false, kind: 'throw', message: `line ${line}:30: TypeError: no such level` });
});

test('why a strategy was written is no text to read from: decide() is called on nothing that says it', async () => {
  const inside = "throw new Error(['it reads', this.family, this.hypothesis, '.'].join(' '));";
  const answer = await simulateSource(strategySource({ inside }), [file]);
  assert.ok(!answer.ok && /it reads \./.test(answer.message), JSON.stringify(answer).slice(0, 300));
});

test('a date without a zone means UTC wherever it runs', async () => {
  const answer = await simulateSource(strategySource({ inside: 'throw new Error(String(+new Date(2014, 6, 1)));' }), [
    file,
  ]);
  assert.ok(!answer.ok);
  assert.match(answer.message, new RegExp(`${Date.UTC(2014, 6, 1)}$`));
});

test('closing twice and asking afterwards are safe', async () => {
  const opened = await boxFor(strategySource({}), [file]);
  assert.ok(opened.ok);
  await opened.value.close();
  await opened.value.close();
  const answer = await opened.value.simulate([REQUEST]);
  assert.ok(!answer.ok);
  assert.match(answer.message, /stopped/);
});

test('a request that fails does not take the box with it when the child survives', async () => {
  const opened = await boxFor(strategySource({ inside: "if (p.level > 0) throw new Error('level');" }), [file]);
  assert.ok(opened.ok);
  const bad = await opened.value.simulate([{ ...REQUEST, params: { level: 1 } }]);
  const good = await opened.value.simulate([REQUEST]);
  await opened.value.close();
  assert.equal(bad.ok, false);
  assert.equal(good.ok, true);
});

test('window files may be named by relative paths', async () => {
  const opened = await boxFor(strategySource({}), [relative(process.cwd(), file)]);
  assert.ok(opened.ok, JSON.stringify(opened));
  await opened.value.close();
});

test('an abort from outside ends the child at once', async () => {
  const { openBox } = await import('../../../src/backtest/box/open.ts');
  const { toScript } = await import('../../../src/backtest/compile/transform.ts');
  const { MARKET } = await import('./support.ts');
  const controller = new AbortController();
  const opened = await openBox({
    code: await toScript(strategySource({ inside: 'for (;;) {}' })),
    windowFiles: [file],
    market: MARKET,
    limits: { wallMs: 240_000, heapMb: 128 },
    signal: controller.signal,
  });
  assert.ok(opened.ok);
  setTimeout(() => controller.abort(), 50);
  const answer = await opened.value.simulate([REQUEST]);
  // Its wall limit would say something else.
  assert.ok(!answer.ok);
  assert.match(answer.message, /stopped/);
  await opened.value.close();
});
