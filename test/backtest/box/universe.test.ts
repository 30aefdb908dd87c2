import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import type { Box, CausalityReport, SimulationResult } from '../../../src/backtest/contract.ts';
import { boxForCode, REQUEST, SYMBOLS, windowFile } from './support.ts';

let files: string[];
before(() => {
  files = SYMBOLS.map((symbol) => windowFile(15_000, symbol));
});

interface Parts {
  readonly top?: string;
  readonly indicators?: string;
  readonly decide?: string;
  readonly keys?: string;
  readonly symbols?: readonly string[];
}

const RANKED = `
    const weights = neutralise(rank(now.symbols.map((s) => (s.live ? s.speed : NaN))));
    for (const [i, s] of now.symbols.entries()) s.target(weights[i]);`;

async function compiled({
  top = '',
  indicators = 'speed: roc(close, 12)',
  decide = RANKED,
  keys = '',
  symbols = SYMBOLS,
}: Parts) {
  const source = `${top}
export default defineStrategy({
  family: 'cross-rank', hypothesis: 'none', timeframe: '1h', universe: true, ${keys} params: { level: 0 }, warmup: 13,
  indicators: ({ close, volume }) => ({ ${indicators} }),
  decide(now) {${decide}
  },
});`;
  const yaml = `strategy: cross.ts\nsymbols: [${symbols.join(', ')}]\n`;
  return compileCandidate({ name: 'cross', source, yaml });
}

async function boxOf(parts: Parts): Promise<Box> {
  const made = await compiled(parts);
  assert.ok(made.ok, JSON.stringify(made));
  const box = await boxForCode(
    made.code,
    made.config.symbols.map((symbol) => files[SYMBOLS.indexOf(symbol)]),
  );
  assert.ok(box.ok, JSON.stringify(box));
  return box.value;
}

async function audited(
  parts: Parts,
): Promise<{ report: CausalityReport; answer: Awaited<ReturnType<Box['simulate']>> }> {
  const box = await boxOf(parts);
  const report = await box.audit({}, 8, 1);
  const answer = await box.simulate([REQUEST]);
  await box.close();
  assert.ok(report.ok, JSON.stringify(report));
  return { report: report.value, answer };
}

async function played(parts: Parts): Promise<SimulationResult> {
  const box = await boxOf(parts);
  const answer = await box.simulate([{ ...REQUEST, detail: 'full' }]);
  await box.close();
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.value[0];
}

describe('a universe in the box', { concurrency: 2 }, () => {
  it('an honest ranking passes the audits of causality and memory, names hidden or shown', async () => {
    for (const keys of ['', 'anonymous: true, seasonal: true,']) {
      const { report, answer } = await audited({ keys });
      assert.equal(report.leak, null);
      assert.equal(report.cuts, 8);
      assert.ok(report.compared > 1000, String(report.compared));
      assert.equal(report.memory?.scaled, null);
      assert.ok(report.memory.agreement > 0.9, String(report.memory.agreement));
      assert.ok(answer.ok && answer.value[0].fillCount > 20, JSON.stringify(answer).slice(0, 200));
    }
  });

  it('a ranking of what each symbol does next is caught, and no number of it is handed out', async () => {
    const peeks = {
      'of its own series':
        'speed: (() => { const all: number[] = []; scan(0, (_: number, x: number) => { all.push(x); return x; })(close); let i = 0; return map((x: number) => (all[++i] ?? x) / x)(close); })()',
    };
    for (const [name, indicators] of Object.entries(peeks)) {
      const { report, answer } = await audited({ indicators });
      assert.ok(report.leak, name);
      assert.match(report.leak.message, /uses the future/);
      assert.ok(!answer.ok && answer.kind === 'leak', name);
    }
  });

  it('a ranking by what the symbol before it did later is caught: series of all symbols advance together', async () => {
    // What the first symbol's callback keeps is the future of the first when the second symbol is computed.
    const { report, answer } = await audited({
      top: 'const other: number[] = [];',
      indicators:
        'speed: (() => { const before = other.slice(); other.length = 0; let i = 0; return map((x: number) => { other.push(x); i += 1; return (before[i + 1] ?? x) / x; })(close); })()',
    });
    assert.ok(report.leak);
    assert.ok(!answer.ok && answer.kind === 'leak');
  });

  it('a ranking by raw prices knows its symbols by them: the memory audit says so', async () => {
    const decide = `
    const weights = neutralise(rank(now.symbols.map((s) => (s.live ? s.close : NaN))));
    for (const [i, s] of now.symbols.entries()) s.target(weights[i]);`;
    const { report } = await audited({ decide });
    assert.match(report.memory?.scaled ?? '', /knows levels of prices or volumes/);
  });

  it('a ranking by the money that is traded is honest, a level of it is not', async () => {
    const indicators = 'speed: ema(volume, 24)';
    const ranked = `
    const weights = neutralise(rank(now.symbols.map((s) => (s.live ? s.speed * s.close : NaN))));
    for (const [i, s] of now.symbols.entries()) s.target(weights[i]);`;
    const [rank, level] = [
      await audited({ indicators, decide: ranked }),
      await audited({
        indicators,
        decide:
          'for (const s of now.symbols) s.target(Math.floor(Math.log2(s.speed * s.close)) % 2 === 0 ? 0.2 : -0.2);',
      }),
    ];
    assert.equal(rank.report.memory?.scaled, null);
    assert.match(level.report.memory?.scaled ?? '', /knows levels of prices or volumes/);
  });

  it('the order of symbols in the YAML changes nothing', async () => {
    const [one, other] = [await played({}), await played({ symbols: SYMBOLS.toReversed() })];
    assert.deepEqual(other.fills, one.fills);
    assert.equal(other.equityFingerprint, one.equityFingerprint);
    assert.deepEqual(other.trades.symbol, one.trades.symbol);
  });

  it('its file says what it is: flags are plain literals, and names are hidden from a universe alone', async () => {
    const refused = async (parts: Parts) => {
      const made = await compiled(parts);
      assert.ok(!made.ok);
      return made.problems.join('\n');
    };
    assert.match(await refused({ keys: 'anonymous: (1 > 0),' }), /anonymous: expected true or false, a plain literal/);
    assert.match(await refused({ decide: 'now.target(1);' }), /Property 'target' does not exist/);
    const made = await compiled({});
    assert.ok(made.ok && made.universe);
  });
});
