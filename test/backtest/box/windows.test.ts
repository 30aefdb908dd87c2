import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadChild } from '../../../src/backtest/box/loaded.ts';
import { openLoaded } from '../../../src/backtest/box/open.ts';
import { openSpares } from '../../../src/backtest/box/spares.ts';
import { toScript } from '../../../src/backtest/compile/transform.ts';
import { closing } from '../../../src/base/closing.ts';
import { readWindowFile } from '../../../src/market/window-file.ts';
import { boxFor, MARKET, REQUEST, strategySource, windowFile } from './support.ts';

const limits = { wallMs: 240_000, heapMb: 128 };
const files = [12_000, 13_000, 15_000].map((length) => windowFile(length));
const set = { windows: files.map((file) => [file]), limits };

/** It would like to remember what it has seen, and has an indicator of its own. */
const source = strategySource({
  top: "import { rolling } from 'ralph/strategy'; const seen: number[] = [];",
  series: 'return { mean: rolling(3, (w: number[]) => (w[0] + w[1] + w[2]) / 3)(bars.close) };',
  inside: `seen.push(now.close);
    if (seen.length > 300 && now.position === 0) { now.target(0.5); return; }`,
});

test('a process with several windows plays each as one with that window alone does, byte for byte', async () => {
  const alone = await Promise.all(
    files.map(async (file) => {
      const box = await boxFor(source, [file]);
      assert.ok(box.ok, JSON.stringify(box));
      await using _ = closing(box.value);
      return await box.value.simulate([REQUEST]);
    }),
  );
  await using spares = closing(openSpares(() => true));
  spares.want([{ ...set, exercise: 'play' }]);
  await spares.settled();
  const [fresh, exercised] = [await loadChild(set), await spares.take(set)];
  assert.ok(fresh.ok && exercised);
  for (const child of [fresh.value, exercised]) {
    assert.deepEqual(
      child.fingerprints,
      files.map((file) => readWindowFile(file).fingerprint),
    );
    const box = await openLoaded(child, { code: await toScript(source), market: MARKET });
    assert.ok(box.ok, JSON.stringify(box));
    await using _ = closing(box.value);
    // In any order, and side by side.
    const asked = [2, 0, 1, 2, 0].map(async (window) => [window, await box.value.simulate([REQUEST], window)] as const);
    for (const [window, answer] of await Promise.all(asked)) assert.deepEqual(answer, alone[window]);
    assert.deepEqual(await box.value.simulate([REQUEST]), alone[0], 'the first where none is named');
  }
  assert.ok(alone.every(({ ok }) => ok));
  assert.equal(new Set(alone.map((answer) => JSON.stringify(answer))).size, 3);
});
