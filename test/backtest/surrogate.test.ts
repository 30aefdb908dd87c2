import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { STEP } from '../../src/backtest/minute/tape.ts';
import { surrogateMarket, surrogateOf } from '../../src/backtest/surrogate.ts';
import { prepare } from '../../src/backtest/view/prepare.ts';
import { seededRandom } from '../../src/base/random.ts';
import { DAY } from '../../src/market/bars.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { NEUTRAL, unitMarket, windowOf } from './support.ts';

const { bars } = simulateMarket({ seed: 'surrogate', start: Date.UTC(2020, 0, 1), minutes: 20 * 1440, edges: [] });
const data = [windowOf(bars)];
const ask = { index: 0, holdMinutes: 1, drift: false };
const signs = (other: { close: Float64Array }) =>
  Array.from(bars.close.subarray(1), (close, i) => {
    const [own, made] = [Math.log(close / bars.close[i]), Math.log(other.close[i + 1] / other.close[i])];
    assert.ok(Math.abs(Math.abs(own) - Math.abs(made)) < 3e-7);
    return own === 0 ? 0 : Math.sign(own) * Math.sign(made);
  });

describe('surrogates', () => {
  it('mirror about half of the minutes, keep sizes, times, ranges and money traded, and are possible bars', () => {
    const [{ bars: made }] = surrogateOf(data, ask);
    const turned = signs(made).filter((sign) => sign < 0).length / bars.length;
    assert.ok(Math.abs(turned - 0.5) < 0.02, `${turned}`);
    assert.equal(made.time, bars.time);
    for (let i = 0; i < bars.length; i++) {
      assert.ok(made.low[i] <= made.open[i] && made.low[i] <= made.close[i]);
      assert.ok(made.high[i] >= made.open[i] && made.high[i] >= made.close[i]);
      assert.ok(Math.abs(made.high[i] / made.low[i] - bars.high[i] / bars.low[i]) < 3e-7);
      assert.ok(
        Math.abs(made.volume[i] * made.close[i] - bars.volume[i] * bars.close[i]) <
          1e-6 * (1 + bars.volume[i] * bars.close[i]),
      );
    }
  });

  it('with noise are the window, exactly for index 0 and a tenth of the volatility of a minute off for others', () => {
    const noisy = (index: number) => surrogateOf(data, { ...ask, index, noise: true })[0].bars;
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
      assert.deepEqual(noisy(0)[name], bars[name]);
    const deviation = (values: Float64Array) => Math.hypot(...values) / Math.sqrt(values.length);
    const { close, volume, high, low } = noisy(1);
    const off = deviation(close.map((value, i) => value / bars.close[i] - 1));
    const daily = Array.from({ length: 19 }, (_, k) => Math.log(bars.close[1440 * (k + 1)] / bars.close[1440 * k]));
    const minute = deviation(Float64Array.from(daily)) / Math.sqrt(1440);
    assert.ok(off > 0.08 * minute && off < 0.12 * minute, `${off} of ${minute}`);
    const volumeOff = deviation(volume.map((value, i) => (bars.volume[i] > 0 ? value / bars.volume[i] - 1 : 0)));
    assert.ok(volumeOff > 0.008 && volumeOff < 0.011, `${volumeOff}`);
    assert.ok(close.every((value, i) => value <= high[i] && value >= low[i]));
  });

  it('come from the data and the index alone, hold signs as long as asked, and mirror all symbols at once', () => {
    const close = (index: number) => surrogateOf(data, { ...ask, index })[0].bars.close.slice();
    const first = close(0);
    assert.notDeepEqual(close(1), first);
    assert.deepEqual(close(0), first);
    const days = new Map<number, number>();
    const [{ bars: held }] = surrogateOf(data, { ...ask, holdMinutes: 1440 });
    for (const [i, sign] of signs(held).entries()) {
      const day = Math.floor(bars.time[i + 1] / DAY);
      if (sign !== 0) assert.equal(days.get(day) ?? sign, sign);
      if (sign !== 0) days.set(day, sign);
    }
    assert.equal(new Set(days.values()).size, 2);
    const other = { ...windowOf({ ...bars }), symbol: 'Y' };
    const [x, y] = surrogateOf([...data, other], ask);
    assert.deepEqual(x.bars.close, y.bars.close);
    const [own, apart] = surrogateOf([...data, other], { ...ask, ownSigns: true });
    const mirrored = signs(own.bars);
    const same = signs(apart.bars).filter((sign, i) => sign === mirrored[i]).length / bars.length;
    assert.ok(Math.abs(same - 0.5) < 0.02, `${same}`);
  });

  it('are the same with a tape and without one, which is made where it is read all the same', () => {
    for (const own of [ask, { ...ask, holdMinutes: 60, drift: true }, { ...ask, index: 2, noise: true }]) {
      const [plain] = surrogateOf([windowOf({ ...bars })], own, { timeframe: '1h' });
      const [taped] = surrogateOf(data, own, { timeframe: '1m' });
      assert.deepEqual(plain.bars, taped.bars);
      const tapeOf = (each: typeof plain) => prepare(each.symbol, each.bars).tape.with(0, bars.length);
      const length = bars.length * STEP;
      assert.deepEqual(tapeOf(plain).subarray(0, length), tapeOf(taped).subarray(0, length));
    }
  });

  it('are the same for a universe, but for rounding', () => {
    for (const own of [ask, { ...ask, holdMinutes: 60, drift: true }, { ...ask, index: 2, noise: true }]) {
      const others = surrogateOf([windowOf({ ...bars })], own, { universe: true })[0].bars;
      const made = surrogateOf(data, own)[0].bars;
      for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
        for (let i = 0; i < bars.length; i++)
          assert.ok(Math.abs(others[name][i] - made[name][i]) <= 1e-4 * made[name][i], `${name} ${i}`);
      assert.ok(others.low.every((low, i) => low <= Math.min(others.open[i], others.close[i])));
      assert.ok(others.high.every((high, i) => high >= Math.max(others.open[i], others.close[i])));
    }
  });

  it('keep the drift of the window when asked', () => {
    const random = seededRandom('drift');
    let level = 100;
    const close = bars.close.map(() => (level *= 1 + 0.0005 + 0.002 * (random() - 0.5)));
    const rising = { ...bars, open: close, high: close, low: close, close };
    const change = (drift: boolean) => {
      const [{ bars: made }] = surrogateOf([windowOf(rising)], { ...ask, drift });
      return Math.log(made.close[made.length - 1] / made.close[0]);
    };
    const own = Math.log(close[close.length - 1] / close[0]);
    assert.ok(Math.abs(change(true) / own - 1) < 0.1, 'with it');
    assert.ok(Math.abs(change(false) / own) < 0.1, 'without it');
  });

  it('play a strategy as it plays the market, on a market without tick and lot', () => {
    const market = unitMarket({ tick: 5, lot: 10, minNotional: 1e6, kind: 'perpetual', fundingBps: 50 });
    const strategy = {
      family: 'f',
      hypothesis: 'h',
      timeframe: '1h' as const,
      params: {},
      warmup: 1,
      decide: (now: { position: number; target: (weight: number) => void }) => now.target(now.position > 0 ? 0 : 1),
    };
    const free = surrogateMarket(market);
    const play = () => simulate(strategy as never, surrogateOf(data, ask), NEUTRAL, free);
    const first = play();
    assert.ok(first.trades.length > 100);
    assert.equal(first.funding, 0);
    assert.equal(play().equityFingerprint, first.equityFingerprint, 'the room is written anew each time');
  });
});
