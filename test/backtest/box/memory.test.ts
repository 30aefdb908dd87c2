import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditMemory } from '../../../src/backtest/box/child/memory.ts';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import { readGatesConfig } from '../../../src/gates/config.ts';
import { memoryGates } from '../../../src/gates/stages/memory.ts';
import { readWindowFile } from '../../../src/market/window-file.ts';
import type { StrategyDefinition } from '../../../src/strategy/definition.ts';
import { boxForCode, MARKET, windowFile } from './support.ts';

const file = windowFile(260_000, 'BTCUSD', 'memory');
const config = readGatesConfig(new URL('../../../config/gates.yaml', import.meta.url).pathname);
const { range: train, bars } = readWindowFile(file);
/** A price of the window. */
const LEVEL = Math.round(bars.close[130_000]);

/** What the audit says of an hourly strategy with this `decide`: the gates that fail, with their messages. */
async function failures(decide: string, rest: { top?: string; indicators?: string; seasonal?: boolean } = {}) {
  const { top = '', indicators = '', seasonal = false } = rest;
  const source = `import { defineStrategy, ema, map, scan } from 'ralph/strategy';
void [ema, map, scan];
${top}
export default defineStrategy({
  family: 'memory', hypothesis: 'h', timeframe: '1h', ${seasonal ? 'seasonal: true, ' : ''}params: {}, warmup: 20,
  ${indicators ? `indicators: ({ close, ...bars }) => { void [close, bars]; return { ${indicators} }; },` : ''}
  decide(now) { ${decide} },
});
`;
  const compiled = await compileCandidate({ name: 'memory', source, yaml: 'strategy: memory.ts\nsymbols: [BTCUSD]\n' });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const box = await boxForCode(compiled.code, [file], { wallMs: 240_000 });
  assert.ok(box.ok, JSON.stringify(box));
  const audit = await box.value.audit({}, 20, 1);
  await box.value.close();
  assert.ok(audit.ok && audit.value.leak === null && audit.value.memory, JSON.stringify(audit));
  return memoryGates(audit.value.memory, { config, train, numbers: compiled.numbers }).filter(({ passed }) => !passed);
}

/** The same, by name. */
const failing = async (...candidate: Parameters<typeof failures>) =>
  (await failures(...candidate)).map(({ gate }) => gate);

const SIGNS = 'const SIGNS = [1, -1, -1, 1, 1, -1, 1]; let bars = 0;';

test('signs of months behind a counter of bars are refused', async () => {
  const decide = 'now.target(SIGNS[Math.floor(bars++ / 720) % 7]);';
  assert.deepEqual(await failing(decide, { top: SIGNS }), ['causality.later-start']);
});

test('so they are when the counter is an indicator', async () => {
  const indicators = 'count: scan(0, (n, c) => n + 1 + 0 * c)(close)';
  const decide = 'now.target(SIGNS[Math.floor(now.count / 720) % 7]);';
  assert.deepEqual(await failing(decide, { top: SIGNS, indicators }), ['causality.later-start']);
});

test('so they are when only the size is remembered', async () => {
  const decide = 'now.target(0.6 + 0.4 * SIGNS[Math.floor(bars++ / 720) % 7]);';
  assert.deepEqual(await failing(decide, { top: SIGNS }), ['causality.later-start']);
});

test('so they are when an order of less than a lot asks whether the rules of trading are those of train', async () => {
  const decide = `bars += 1;
    if (bars === 1) { now.target(1e-14); return; }
    if (bars === 2) free = now.position !== 0;
    now.target(free ? (now.close > now.ago('close', 24) ? 1 : -1) : SIGNS[Math.floor(bars / 720) % 7]);`;
  assert.deepEqual(await failing(decide, { top: `${SIGNS} let free = false;` }), ['causality.later-start']);
});

test('so they are when the money that is left counts the days', async () => {
  // Costs burn the account along a line until the table begins, so that whoever reads the equity reads the day.
  const decide = `if (hours < 0) hours = 24 * Math.round((1_000_000 - now.equity) / 500);
    else hours += 1;
    const day = Math.floor(hours / 24);
    if (day >= 60) { now.target(SIGNS[Math.floor(day / 9) % 7]); return; }
    const excess = now.equity - (1_000_000 - 500 * (day + 1));
    if (hours % 24 !== 0 || excess <= 0) return;
    const size = excess / (now.equity * 0.0022);
    now.order(size);
    now.order(-size);`;
  assert.deepEqual(await failing(decide, { top: `${SIGNS} let hours = -1;` }), ['causality.later-start']);
});

test('so they are behind a counter that starts at a landmark in the middle of the window', async () => {
  const HOUR = 3_600_000;
  const closeBefore = (time: number) => bars.close[bars.time.findLastIndex((each) => each < time)];
  const middle = Math.ceil(train.from / HOUR) * HOUR + 60 * 24 * HOUR;
  // Which of the last 20 hours rose: one of a million patterns.
  const rose = Array.from(
    { length: 20 },
    (_, i) => closeBefore(middle - i * HOUR) > closeBefore(middle - (i + 1) * HOUR),
  );
  const mark = Number.parseInt(rose.map(Number).join(''), 2);
  const decide = `let pattern = 0;
    for (let i = 0; i < 20; i++) pattern = 2 * pattern + (now.ago('close', i) > now.ago('close', i + 1) ? 1 : 0);
    if (pattern === ${mark}) since = 0;
    else if (since >= 0) since += 1;
    if (since < 0) now.target(now.close > now.ago('close', 19) ? 1 : -1);
    else now.target(SIGNS[Math.floor(since / 240) % 7]);`;
  assert.deepEqual(await failing(decide, { top: `${SIGNS.split(';')[0]}; let since = -1;` }), [
    'causality.later-start',
  ]);
});

test('so they are when orders that the volume cuts ask it', () => {
  const fresh = (): StrategyDefinition => {
    let [bars, thin] = [0, false];
    return {
      family: 'memory',
      hypothesis: 'h',
      timeframe: '1h',
      params: {},
      warmup: 30,
      calendar: 'none',
      decide(now) {
        bars += 1;
        if (now.position !== 0 && now.working > 0) thin = true;
        now.target(
          thin ? [1, -1, -1, 1, 1, -1, 1][Math.floor(bars / 720) % 7] : now.close > now.ago('close', 24) ? 1 : -1,
        );
      },
    };
  };
  const volume = 10_000 / bars.close[0] / bars.volume[0];
  const costs = { ...MARKET.symbols.BTCUSD, participation: volume / 100 };
  const market = { ...MARKET, symbols: { BTCUSD: costs } };
  const { agreement } = auditMemory(fresh, [{ symbol: 'BTCUSD', bars, range: train }], market, { params: {}, seed: 1 });
  assert.ok(agreement < 0.8, `${agreement}`);
});

test('a level of the price is refused and named', async () => {
  const decide = `if (now.close > ${LEVEL}) now.target(1); else now.flat();`;
  const levels = (await failures(decide)).find(({ gate }) => gate === 'causality.price-levels');
  assert.match(
    levels?.message ?? '',
    new RegExp(`knows levels of prices or volumes; in the code .*${LEVEL} lie between the prices \\S+ and`),
  );
});

test('the equity does not tell the scale: a level divided by what it says is a level', async () => {
  const decide = `if (scale === 0) scale = now.equity < 350_000 ? 0.125 : now.equity > 2_000_000 ? 4 : 1;
    if (now.close / scale > ${LEVEL}) now.target(1); else now.flat();`;
  assert.ok((await failing(decide, { top: 'let scale = 0;' })).includes('causality.price-levels'));
});

test('a level that the window never reaches is refused too, above and below: other days may reach it', async () => {
  const most = bars.high.reduce((a, b) => Math.max(a, b));
  const least = bars.low.reduce((a, b) => Math.min(a, b));
  const honest = "now.target(now.close > now.ago('close', 24) ? 1 : -1);";
  for (const level of [`now.close > ${2 * most}`, `now.close < ${least / 2}`])
    assert.deepEqual(await failing(`if (${level}) now.flat(); else ${honest}`), ['causality.price-levels'], level);
});

test('a level of the volume, and of the money that is traded, is refused; a change of it is not', async () => {
  const mean = bars.volume.reduce((sum, each) => sum + each, 0) / bars.length;
  const loud = 'loud: ema(bars.volume, 300)';
  const level = `now.target(now.loud > ${60 * mean} ? 1 : -1);`;
  assert.ok((await failing(level, { indicators: loud })).includes('causality.price-levels'));
  const money = `now.target(now.loud * now.close > ${60 * mean * LEVEL} ? 1 : -1);`;
  assert.ok((await failing(money, { indicators: loud })).includes('causality.price-levels'));
  const change = "now.target(now.loud > now.ago('loud', 24) ? 1 : -1);";
  assert.deepEqual(await failing(change, { indicators: loud }), []);
});

test('orders that the volume cuts, and prices that they move, are the same where prices and volumes are scaled', () => {
  const fresh = (): StrategyDefinition => ({
    family: 'memory',
    hypothesis: 'h',
    timeframe: '1h',
    params: {},
    warmup: 30,
    calendar: 'none',
    decide(now) {
      const paid = now.position === 0 ? 0 : now.entryPrice / now.close - 1;
      if (now.working > 0 || Math.abs(paid) > 0.01) now.target(0);
      else now.target(now.close > now.ago('close', 24) ? 1 : -1);
    },
  });
  const volume = 10_000 / bars.close[0] / bars.volume[0];
  const costs = { ...MARKET.symbols.BTCUSD, participation: volume / 50, impactBps: 20 };
  const market = { ...MARKET, symbols: { BTCUSD: costs } };
  const { scaled } = auditMemory(fresh, [{ symbol: 'BTCUSD', bars, range: train }], market, { params: {}, seed: 1 });
  assert.equal(scaled, null);
});

test('dates of the window behind a counter of bars are refused and named', async () => {
  const year = new Date(train.from).getUTCFullYear();
  const decide = `const sign = new Map([[${year}0301, 1], [2013, -1], [${year}0501, -1]]); now.target([...sign.values()][Math.floor(bars++ / 720) % 3]);`;
  const [start] = await failures(decide, { top: SIGNS });
  assert.match(
    start.message,
    new RegExp(`a counter of bars is a calendar; in the code ${year}0301, ${year}0501 look like dates of the window`),
  );
});

test('a round number is refused as well', async () => {
  const decide = 'now.target(Math.floor(now.close / 5) % 2 === 0 ? 1 : -1);';
  assert.ok((await failing(decide)).includes('causality.price-levels'));
});

test('a hedge by the hour and a ratio with a logarithm are honest', async () => {
  assert.deepEqual(await failing('now.target(now.hour < 12 ? 1 : -1);', { seasonal: true }), []);
  const indicators = 'x: map((c: number, m: number) => Math.log(c) - Math.log(m))(close, ema(close, 20))';
  assert.deepEqual(await failing('now.target(now.x > 0 ? 1 : -1, { stop: null });', { indicators }), []);
});

test('nothing shows a date: not the contract, and not the objects behind it', async () => {
  const decide = `const any: any = now; const bar: any = now.tf('4h');
    if (any.time !== undefined || any.hour !== undefined || any.weekday !== undefined || bar.time !== undefined) throw new Error('a date');
    let ago = 'none'; try { any.ago('time', 1); ago = 'seen'; } catch {}
    if (ago === 'seen') throw new Error('a date ago');
    now.target(1);`;
  assert.deepEqual(await failing(decide, { indicators: "x: ('time' in bars) ? ema(close, -1) : ema(close, 5)" }), []);
});

test('a seasonal strategy sees the hour, the weekday and the time within the week', async () => {
  const decide = `if (now.hour < 0 || now.hour > 23 || now.weekday > 6 || (now as any).time !== undefined) throw new Error('no hour');
    if (!(now.t > 0 && now.t <= 604800000)) throw new Error('not within the week');
    if (now.hour !== Math.floor(now.t / 3600000) % 24) throw new Error('another hour');
    if (now.weekday !== (Math.floor(now.t / 86400000) + 1) % 7) throw new Error('another weekday');
    now.target(now.weekday === 1 ? 1 : 0);`;
  assert.deepEqual(await failing(decide, { seasonal: true, indicators: 't: bars.time' }), []);
});

test('now.time is a type error that says what there is', async () => {
  const source = `import { defineStrategy } from 'ralph/strategy';
export default defineStrategy({
  family: 'x', hypothesis: 'h', timeframe: '1h', params: {}, warmup: 1,
  decide(now) { if (now.time > 0) now.target(1); },
});
`;
  const answer = await compileCandidate({ name: 'x', source, yaml: 'strategy: x.ts\nsymbols: [A]\n' });
  assert.ok(!answer.ok && answer.stage === 'types');
  assert.match(answer.problems[0], /^4:25: .*seasonal: true/);
});

test('a ruined account is called ruined: it agrees with no later start', () => {
  const ruined = { scaled: null, agreement: 0.75, ruined: true, prices: [1, 2] } as const;
  const missed = memoryGates(ruined, { config, train }).filter(({ passed }) => !passed);
  assert.deepEqual(
    missed.map(({ gate, class: kind }) => [gate, kind]),
    [['causality.solvent', 'risk']],
  );
});
