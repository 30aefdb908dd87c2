import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../src/backtest/compile/checker.ts';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import { loopsOf } from '../../../src/backtest/compile/loops/loops.ts';
import { mark, splitMark } from '../../../src/backtest/compile/marks.ts';
import { hasPureCustoms } from '../../../src/backtest/compile/pure/pure.ts';
import { mapOver, rollingOver, scanOver } from '../../../src/strategy/indicators/custom.ts';
import { filledBy, type Loop } from '../../../src/strategy/indicators/kernels/callbacks.ts';
import { makeSeries, valuesOf } from '../../../src/strategy/series.ts';
import fc from '../../fast-check.ts';
import { boxForCode, REQUEST, SYMBOLS, windowFile } from '../box/support.ts';

const PERIOD = 4;
const sourceOf = (indicator: string) => `import { defineStrategy, map, rolling, scan } from 'ralph/strategy';
export default defineStrategy({
  family: 'a', hypothesis: 'h', timeframe: '15m', params: { share: 0.1 }, warmup: 5,
  indicators: ({ close, volume }, p) => ({ v: ${indicator} }),
  decide(now) { now.target(now.v > now.close ? 1 : 0); },
});
`;

/** The callbacks of an indicator as they stand, and the loop that was written for them. */
async function written(indicator: string): Promise<{ given: readonly unknown[]; loop: Loop | undefined }> {
  const source = sourceOf(indicator);
  const { file } = await check(source);
  assert.equal(hasPureCustoms(file), true, indicator);
  const [insertion] = loopsOf(file, source);
  const call = `${indicator.slice(0, indicator.lastIndexOf(')('))}${insertion?.text ?? ''})`;
  const name = indicator.slice(0, indicator.indexOf('('));
  const evaluate = new Function(name, 'p', `return ${call}`);
  const given: unknown[] = evaluate((...all: unknown[]) => all, { share: 0.1 });
  return { given, loop: insertion && (given.at(-1) as Loop) };
}

const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Number.NaN, -0, Infinity, 5e-324, Number.MAX_VALUE),
  fc.double(),
);
const columns = fc
  .array(fc.tuple(number, number), { minLength: 1, maxLength: 40 })
  .map((rows) => [0, 1].map((k) => Float64Array.from(rows, (row) => row[k])));

function makerOf(name: string, [first, second, third]: readonly unknown[], loop: Loop | undefined) {
  if (name === 'map') return mapOver(first as never, loop);
  if (name === 'scan')
    return scanOver(
      first,
      second as never,
      typeof third === 'function' && third !== loop ? (third as never) : undefined,
      loop,
    );
  return rollingOver(first as number, second as never, false, loop);
}

const KNOWN: readonly string[] = [
  `rolling(${PERIOD}, (w) => { const mean = w.reduce((a, b) => a + b, 0) / w.length; return Math.sqrt(w.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (w.length - 1)); })(close)`,
  `rolling(${PERIOD}, (w) => w.reduce((a, b) => a - b))(close)`,
  `rolling(${PERIOD}, (w) => { let best = 2; best = w.reduce((best, x, k) => best + x * (k + 1), best); return best; })(close)`,
  `rolling(${PERIOD}, (w) => w.reduce((a, b, k) => a + b * w[w.length - 1 - k], w[0]))(close)`,
  `rolling(${PERIOD}, (w) => (w[w.length - 1] - Math.min(...w)) / (Math.max(...w) - Math.min(...w)))(close)`,
  'map((x) => x * p.share)(close)',
  'map((a, b) => { if (a > b) return a / b; return -1; })(close, volume)',
  'map((a) => { if (a > 0) return a; })(close)',
  'scan(0, (s, x) => p.share * x + (1 - p.share) * s)(close)',
  'scan(1, (s, x) => { if (x > 1) return s === 1; return x; })(close)',
  'scan(1, (s, x) => { if (x > 1) return s + x; })(close)',
  'scan({ up: 0, n: 0 }, ({ up, n }, x) => ({ up: up + Math.max(0, x), n: n + 1 }), ({ up, n }) => up / n)(close)',
  'scan(0, (s, a, b) => { s += a; return s - b; }, (s) => s * 2)(close, volume)',
  `rolling(${PERIOD}, (w) => { let sum = 0; for (const x of w) sum += x; return sum / w.length; })(close)`,
  `rolling(${PERIOD}, (w) => {
    // the sum of what rose
    let sum = 0
    for (let i = 1; i < w.length; i++) { if (w[i] <= w[i - 1]) continue; sum += w[i] - w[i - 1] }
    return sum
  })(close)`,
  `rolling(${PERIOD}, (w) => { for (const x of w) { for (const y of w) if (x + y > 2) return x; } return -1; })(close)`,
  `rolling(${PERIOD}, (a, b) => { let best = -Infinity; for (let i = 0; i < a.length; i++) best = Math.max(best, a[i] * b[i]); return best; })(close, volume)`,
  `rolling(${PERIOD}, (w) => { let sum = 0; for (const x of w) { if (x > 1) sum += x; else sum -= x; } return sum; })(close)`,
  'map((x) => { let y = x\n if (x > 1) y = 1\n else y = -x\n return y })(close)',
  `rolling(${PERIOD}, (w) => w[w.length - 1] / w[0] - 1)(close)`,
  `rolling(${PERIOD}, (w) => {
    let mean = 0;
    for (const x of w) mean += x;
    mean /= w.length;
    let away = 0;
    for (const mean of w) { const away2 = mean - w[0]; if (away2 > 0) away += away2; else away -= mean }
    return away / mean;
  })(close)`,
  `rolling(${PERIOD}, (a, b) => {
    let above = 0, below = 0;
    let sum = 0;
    for (let k = 1; k < b.length; k++) sum += a[k - 1] * b[k];
    if (sum > 3) { const sum = a[1]; above = sum; }
    for (let x of a) { x *= 2; for (const y of b) if (x > y) below += y; }
    return sum + above - below;
  })(close, volume)`,
  `rolling(${PERIOD}, (w) => { const top = Math.max(...w), low = Math.min(...w); let k = 0; while (w[k] < top) k++; return (k + w[0] - low) / top; })(close)`,
  `rolling(${PERIOD}, (w) => { if (w[0] > 0) return w[0]; })(close)`,
];
for (const indicator of KNOWN)
  test(`a loop makes what its callback makes: ${indicator.replaceAll(/\s+/g, ' ').slice(0, 90)}`, async () => {
    const { given, loop } = await written(indicator);
    assert.ok(loop, 'no loop was written');
    const name = indicator.slice(0, indicator.indexOf('('));
    fc.assert(
      fc.property(columns, (values) => {
        const series = values.map((column) => makeSeries(column));
        const made = valuesOf(makerOf(name, given, loop)(...series));
        const expected = valuesOf(makerOf(name, given, undefined)(...series));
        assert.deepEqual([...made], [...expected]);
        const start = name === 'map' ? undefined : given[0];
        assert.ok(filledBy(loop, new Float64Array(values[0].length), start, values), 'the callback itself was asked');
      }),
    );
  });

const PAIRED = /ralph\$i \+= 2/;
const SUM = 'let sum = 0; for (const x of w) sum += x;';
for (const [body, pair] of [
  [`${SUM} return sum / w.length;`, true],
  ['let sum = 0; for (let i = 1; i < w.length; i++) { if (w[i] > 2) sum += w[i]; } return sum;', true],
  [`${SUM} if (sum > 3) return 3; return sum;`, false],
  [`${SUM} for (const x of w) { if (x > 3) break; sum -= x; } return sum;`, false],
] as const)
  test(`two bars are ${pair ? '' : 'not '}computed side by side: ${body}`, async () => {
    const { loop } = await written(`rolling(${PERIOD}, (w) => { ${body} })(close)`);
    assert.equal(PAIRED.test(String(loop)), pair);
  });

/** Places outside of the window: what stands there in the column are bars that are not the callback's, the next one among them. */
const OUTSIDE: readonly string[] = [
  'w[w.length]',
  'w[w.length] === undefined ? 7 : 0',
  'w[-1] ?? 3',
  'w[1.5] ?? 3',
  'w[4 * 1]',
  'w[Number.NaN] ?? 5',
  'w[(1 > 0) as never] ?? 6'.replace(' as never', ''),
];
const LOOPS_OUTSIDE: readonly string[] = [
  'return w.reduce((sum, x, k) => sum + (w[k + 1] ?? 100), 0);',
  'return w.reduce((sum, x, k) => (k += 1) * 0 + sum + (w[k] ?? 100), 0);',
  'let sum = 0; for (let i = 0; i <= w.length; i++) sum += w[i] ?? 100; return sum;',
  'let sum = 0; for (let i = 0; i < w.length; i++) sum += w[i + 1] ?? 100; return sum;',
  'let sum = 0; for (let i = 0; i < w.length; i++) sum += w[i - 1] ?? 100; return sum;',
  'let sum = 0; for (let i = 0; i < w.length; i++) { sum += w[i] ?? 100; i += 3; sum += w[i] ?? 100; sum += w[i + 0] ?? 9; } return sum;',
  'let k = 0; while (w[k] !== undefined) k++; return k;',
  'let sum = 0; for (let i = 0; i < w.length; i++) { const i = 4; sum += w[i] ?? 100; } return sum;',
];
for (const body of [...OUTSIDE.map((value) => `return ${value};`), ...LOOPS_OUTSIDE])
  test(`a loop reads no bar outside of its window: ${body}`, async () => {
    const { given, loop } = await written(`rolling(${PERIOD}, (w) => { ${body} })(close)`);
    assert.ok(loop, 'no loop was written: the case shows nothing');
    fc.assert(
      fc.property(columns, ([values]) => {
        const [made, expected] = [loop, undefined].map((each) =>
          valuesOf(makerOf('rolling', given, each)(makeSeries(values))),
        );
        assert.deepEqual([...made], [...expected]);
      }),
    );
  });

const UNKNOWN: readonly string[] = [
  `rolling(${PERIOD}, (w) => w.filter((x) => x > 0).length)(close)`,
  `rolling(${PERIOD}, (w) => { const v = w; return v[4]; })(close)`,
  `rolling(${PERIOD}, ([a, b]) => a + b)(close)`,
  `rolling(${PERIOD}, (w) => w.reduce((a, b, k, all) => all[k + 1] ?? b, 0))(close)`,
  `rolling(${PERIOD}, (w) => w.reduce((w, x) => w + x, 0))(close)`,
  `rolling(${PERIOD}, (...all) => all.length)(close)`,
  'map((x = 1) => x)(close)',
  'map((x) => { var seen; if (x > 0) seen = x; return seen ?? 0; })(close)',
];
for (const indicator of UNKNOWN)
  test(`no loop is written for ${indicator}`, async () => {
    assert.equal((await written(indicator)).loop, undefined);
  });

test('no loop is written where the file has a name that begins like those of loops', async () => {
  const source = `// ralph$x0\n${sourceOf('map((x) => x)(close)')}`;
  assert.deepEqual(loopsOf((await check(source)).file, source), []);
});

const THIEF = sourceOf(
  `rolling(${PERIOD}, (w) => w[0], (made, n, x) => { for (let i = 0; i + 1 < made.length; i++) made[i] = x[i + 1]; })(close)`,
);

test('a loop of the candidate is never run', async () => {
  assert.equal(hasPureCustoms((await check(THIEF)).file), false);
  const files = [windowFile(4_000, SYMBOLS[0])];
  const honest = await compiledOf(THIEF.replace(/, \(made[^}]*\}/, ''));
  const { script } = splitMark(honest);
  const thief = script.replace(
    '(w) => w[0]',
    '(w) => w[0], (made, n, x) => { for (let i = 0; i + 1 < made.length; i++) made[i] = x[i + 1]; }',
  );
  assert.notEqual(thief, script);
  const results = [];
  for (const code of [honest, mark({ stateless: true, pure: false }, thief)]) {
    const box = await boxForCode(code, files);
    assert.ok(box.ok);
    const answer = await box.value.simulate([REQUEST]);
    await box.value.close();
    assert.ok(answer.ok, JSON.stringify(answer));
    results.push(answer.value[0].equityFingerprint);
  }
  assert.equal(results[0], results[1]);
});

test('a loop changes neither the places of errors nor what the audit draws from the script', async () => {
  const source = sourceOf(
    'rolling(4, (w) => w[0])(close), u: map((x) => { const k: any = null; return k.size + x; })(close)',
  );
  const code = await compiledOf(source);
  const { written: marks } = splitMark(code);
  assert.match(marks?.print ?? '', /^[0-9a-f]{64}$/);
  assert.equal(marks?.places.length, 2);
  const box = await boxForCode(code, [windowFile(4_000, SYMBOLS[0])]);
  assert.ok(box.ok);
  const answer = await box.value.simulate([REQUEST]);
  await box.value.close();
  const line = source.split('\n').findIndex((each) => each.includes('k.size'));
  const column = source.split('\n')[line].indexOf('k.size');
  assert.ok(!answer.ok);
  assert.match(answer.message, new RegExp(`^line ${line + 1}:(${column + 1}|${column + 3}):`));
});

async function compiledOf(source: string): Promise<string> {
  const compiled = await compileCandidate({ name: 'a', source, yaml: `strategy: a.ts\nsymbols: [${SYMBOLS[0]}]\n` });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  return compiled.code;
}
