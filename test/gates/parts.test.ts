import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceFrom } from '../../src/gates/evidence.ts';
import { emptyHistory } from '../../src/gates/history.ts';
import { holdoutAnswer } from '../../src/gates/holdout.ts';
import { reviewKeep } from '../../src/gates/incumbents.ts';
import { knownDays, latestKnowledge } from '../../src/gates/knowledge.ts';
import { lookBar, selectionBar } from '../../src/gates/ladder.ts';
import { paretoFront } from '../../src/gates/pareto.ts';
import { scoreOf } from '../../src/gates/score.ts';
import { deflate, deflationGates, requiredSharpe } from '../../src/gates/stages/deflation.ts';
import { neighboursOf } from '../../src/gates/stages/neighbours.ts';
import fc from '../fast-check.ts';
import { daily, dailyReturns, resultOf, shippedGates } from './support.ts';

const { deflation, selection, score, holdout } = shippedGates();

test('the score is money: half the size earns half, cash earns nothing, and no size beats full size', () => {
  const full = dailyReturns(1460, 1.5, 'score');
  const own = scoreOf(full, 0.5, score)!;
  const half = scoreOf(
    full.map((value) => value / 2),
    0.25,
    score,
  )!;
  assert.ok(own > 0 && Math.abs(half - own / 2) < 1e-12);
  assert.equal(scoreOf(new Float64Array(1460), 0, score), null);
  const asleep = scoreOf(
    full.map((value) => value / 50),
    0.01,
    score,
  )!;
  assert.ok(Math.abs(asleep - own / 50 / 2) < 1e-12, 'below the exposure floor it shrinks once more');
});

test('the score takes off more for serially correlated returns', () => {
  const plain = dailyReturns(1460, 1.5, 'plain');
  const smooth = plain.map((value, day) => (value + (day > 0 ? plain[day - 1] : value)) / 2);
  assert.ok(
    scoreOf(smooth, 0.5, { ...score, standardErrors: 0 })! >
      0.95 * scoreOf(plain, 0.5, { ...score, standardErrors: 0 })!,
  );
  const haircut = (returns: Float64Array) =>
    scoreOf(returns, 0.5, { ...score, standardErrors: 0 })! - scoreOf(returns, 0.5, { ...score, standardErrors: 1 })!;
  const deviation = (returns: Float64Array) => Math.sqrt(returns.reduce((sum, value) => sum + value * value, 0));
  assert.ok(haircut(smooth) / deviation(smooth) > 1.15 * (haircut(plain) / deviation(plain)));
});

test('positive skew is believed by no test of luck, negative skew by all', () => {
  const days = 1000;
  const quiet = Float64Array.from({ length: days }, (_, i) => (i % 2 === 0 ? 0.004 : -0.003));
  const market = Float64Array.from({ length: days }, (_, i) => ((i * 7) % 11) / 1000 - 0.005);
  const jump = (size: number) =>
    evidenceFrom(
      daily(
        Float64Array.from(quiet, (value, i) => (i === 500 ? size : value)),
        market,
      ),
    ).sample;
  assert.equal(jump(0.2).skew, 0);
  assert.ok(jump(-0.2).skew < -5);
});

test('the Sharpe needed now: 1.54 at 100 trials over 4 years, rising with N, unreachable in a few days', () => {
  assert.ok(Math.abs(requiredSharpe(1460, 1, deflation) - 1.54) < 0.01, 'never fewer than minTrials');
  assert.ok(Math.abs(requiredSharpe(1460, 100, deflation) - 1.54) < 0.01);
  assert.ok(requiredSharpe(1460, 1000, deflation) > 1.8);
  assert.equal(requiredSharpe(3, 100, deflation), Number.POSITIVE_INFINITY);
});

test('a candidate exactly at the required Sharpe is luck with exactly the configured chance', () => {
  const sample = { sharpe: 0.08, count: 1460, skew: 0.3, kurtosis: 5 };
  const { required, luck, deflatedSharpe } = deflate(sample, 100, deflation);
  assert.equal(luck <= deflation.luck, 0.08 * Math.sqrt(365) >= required);
  assert.ok(deflatedSharpe > 0 && deflatedSharpe < 1);
  const bad = deflate({ ...sample, kurtosis: Number.NaN }, 100, deflation);
  assert.ok(Number.isNaN(bad.luck) && Number.isNaN(bad.required));
  assert.match(deflationGates(bad, 1.5)[0].message, /no Sharpe ratio can be told from luck/);
  assert.equal(deflationGates(bad, 1.5)[0].passed, false);
});

test('a keep is provisional once N has outgrown it', () => {
  const { statistic } = deflate({ sharpe: 0.09, count: 1460, skew: 0, kurtosis: 3 }, 100, deflation);
  assert.equal(reviewKeep({ luckStatistic: statistic }, 100, deflation).provisional, false);
  assert.equal(reviewKeep({ luckStatistic: statistic }, 5000, deflation).provisional, true);
  assert.equal(reviewKeep({}, 100, deflation).provisional, true);
});

test('the Ladder: the first look is a sign test, later ones ask for more, a twin of a keep must beat it by a noise step', () => {
  const returns = dailyReturns(1460, 2, 'mine');
  const keep = {
    trial: 'k',
    family: 'f',
    fingerprint: null,
    returns,
    score: 1,
    outcome: 'keep' as const,
    selectionSharpe: 1.2,
  };
  assert.equal(selectionBar(returns, 1, emptyHistory(), selection), 0);
  // A table of the week fits every train window: 2.5% at its first look, 5% over all looks.
  assert.ok(Math.abs(selectionBar(returns, 1, emptyHistory(), selection, 1, true) - 1.96) < 0.001);
  assert.ok(selectionBar(returns, 1, emptyHistory(), selection, 2, true) > 2.39);
  assert.ok(selectionBar(returns, 1, { ...emptyHistory(), looks: 1 }, selection) > 0.6);
  assert.equal(selectionBar(returns, 1, { ...emptyHistory(), earlier: [keep] }, selection), 1.2 + selection.step);
  const other = { ...keep, returns: dailyReturns(1460, 2, 'other') };
  assert.equal(selectionBar(returns, 1, { ...emptyHistory(), earlier: [other] }, selection), 0);
  // normal quantiles of 1 - 1/(2k): 0.6745, 1.6449, 2.5758
  assert.deepEqual(
    [1, 2, 10, 100].map((look) => lookBar(look, 1, selection).toFixed(3)),
    ['0.000', '0.674', '1.645', '2.576'],
  );
});

test('beta takes out what the market explains, and nothing else', () => {
  const market = dailyReturns(2000, 2, 'market');
  const skill = dailyReturns(2000, 1.5, 'skill');
  const mixed = evidenceFrom(
    daily(
      skill.map((value, i) => value + 0.7 * market[i]),
      market,
    ),
  );
  const alone = evidenceFrom(daily(skill, market));
  assert.ok(Math.abs(mixed.beta - alone.beta - 0.7) < 1e-12);
  assert.ok(Math.abs(mixed.activeSharpe - alone.activeSharpe) < 1e-9);
  assert.equal(evidenceFrom(daily(skill, new Float64Array(2000))).beta, 0);
});

test('risk inside the day counts: four times the variation of the market halves every Sharpe ratio and its statistic', () => {
  const market = dailyReturns(2000, 0, 'market');
  const open = daily(dailyReturns(2000, 2, 'skill'), market);
  const day = (factor: number) => open.variation.map((value) => value * factor);
  const shown = evidenceFrom(open);
  assert.ok(shown.hiddenRisk < 1);
  // What the market itself bounces is not the candidate's.
  assert.equal(evidenceFrom({ ...open, variation: day(3), benchmarkVariation: day(10) }).sharpe, shown.sharpe);
  const factor = 4 / shown.hiddenRisk;
  const hidden = evidenceFrom({ ...open, variation: day(factor) });
  assert.ok(Math.abs(hidden.hiddenRisk - 4) < 1e-9);
  for (const name of ['sharpe', 'activeSharpe'] as const) assert.ok(Math.abs(hidden[name] - shown[name] / 2) < 1e-9);
  assert.ok(Math.abs(hidden.sample.sharpe - shown.sample.sharpe / 2) < 1e-12);
  const before = scoreOf(open.returns, 0.5, score)!;
  assert.ok(scoreOf(open.returns, 0.5, score, 4)! < before);
  assert.equal(scoreOf(open.returns, 0.5, score, 0.5), before, 'less than the market is no bonus');
});

test('risk inside the day is not hidden behind the bounce of other years', () => {
  const market = dailyReturns(1000, 0, 'market');
  const late = dailyReturns(1000, 2, 'skill').map((value, day) => (day < 500 ? 0 : value));
  const square = (value: number) => value ** 2;
  // The market bounces six times its daily variance in the first half and not at all in the second, where the candidate takes four times its own.
  const benchmarkVariation = market.map((value, day) => square(value) * (day < 500 ? 6 : 1));
  const acting = { returns: late, benchmark: market, benchmarkVariation };
  const { hiddenRisk } = evidenceFrom({ ...acting, variation: late.map((value) => 4 * square(value)) });
  assert.ok(hiddenRisk > 3.5 && hiddenRisk < 4.5, `four times what it shows, found ${hiddenRisk}`);
  const early = evidenceFrom({ ...acting, returns: market, variation: benchmarkVariation });
  assert.ok(Math.abs(early.hiddenRisk - 1) < 0.1, `holding the market hides nothing, found ${early.hiddenRisk}`);
});

test('neighbours: one step either way, whole numbers stay whole, signs stay, a zero is a switch', () => {
  assert.deepEqual(neighboursOf({ fast: 10, k: 2.5, on: 0, one: 1 }, 0.2), [
    { fast: 8, k: 2.5, on: 0, one: 1 },
    { fast: 12, k: 2.5, on: 0, one: 1 },
    { fast: 10, k: 2, on: 0, one: 1 },
    { fast: 10, k: 3, on: 0, one: 1 },
    { fast: 10, k: 2.5, on: 0, one: 2 },
  ]);
});

test('the holdout has three answers, and a short one can veto but hardly confirm', () => {
  const answer = (days: number, sharpe: number, look = 1) =>
    holdoutAnswer(resultOf(dailyReturns(days, sharpe, 'h3')), look, holdout);
  assert.equal(answer(365, -2).answer, 'rejected');
  assert.equal(answer(365, 6).answer, 'confirmed');
  const short = holdoutAnswer(
    resultOf(Float64Array.from({ length: 91 }, (_, i) => (i % 2 ? 0.0105 : -0.01))),
    1,
    holdout,
  );
  assert.equal(short.answer, 'insufficient evidence');
  assert.match(short.message, /smallest Sharpe that a window of this length can detect is 4\.98/);
  assert.equal(answer(365, Number.NaN).answer, 'rejected');
  const ruined = holdoutAnswer(resultOf(dailyReturns(365, 6, 'h'), { ruined: true }), 1, holdout);
  assert.equal(ruined.answer, 'rejected');
});

test('a holdout that the model may have read about is at most consistent with it', () => {
  const day = (text: string) => Date.parse(text);
  const windows = {
    selection: [{ from: day('2024-01-01'), to: day('2024-04-01') }],
    holdout: { from: day('2024-04-08'), to: day('2025-04-08') },
  };
  const answer = (until: string, sharpe = 6) =>
    holdoutAnswer(resultOf(dailyReturns(365, sharpe, 'h3')), 1, holdout, knownDays(until, windows));
  assert.equal(answer('none').answer, 'confirmed');
  assert.equal(answer('2024-04-08').answer, 'confirmed');
  assert.match(answer('2024-04-08').message, /until 2024-04-08: 91 of 91 selection days and 0 of 365 holdout days/);
  const known = answer('2024-05-01');
  assert.equal(known.answer, 'consistent, known to the model');
  assert.match(known.message, /91 of 91 selection days and 23 of 365 holdout days lie before that/);
  assert.equal(answer('unknown').answer, 'consistent, known to the model');
  assert.match(answer('unknown').message, /not known, so 91 of 91 selection .* 365 of 365 holdout .*knowledgeUntil/);
  assert.equal(answer('2024-05-01', -2).answer, 'rejected');
  assert.equal(latestKnowledge(['none', '2024-05-01', '2023-01-01']), '2024-05-01');
  assert.equal(latestKnowledge(['2024-05-01', 'unknown']), 'unknown');
  assert.equal(latestKnowledge(['none']), 'none');
  assert.equal(latestKnowledge([]), 'unknown');
});

test('the Pareto front holds what nothing beats in every respect', () => {
  const point = fc.record({
    annualReturn: fc.integer({ min: -5, max: 5 }),
    trades: fc.integer({ min: 0, max: 5 }),
    maxDrawdown: fc.integer({ min: 0, max: 5 }),
    turnover: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 12 }), (points) => {
      const front = paretoFront(points);
      assert.equal(front.length > 0, points.length > 0);
      for (const each of points) {
        const covered = front.some(
          (other) =>
            other.annualReturn >= each.annualReturn &&
            other.trades >= each.trades &&
            other.maxDrawdown <= each.maxDrawdown &&
            other.turnover <= each.turnover,
        );
        assert.ok(covered);
      }
      assert.deepEqual(paretoFront(front), front);
    }),
  );
  assert.deepEqual(paretoFront([{ annualReturn: Number.NaN, trades: 1, maxDrawdown: 0, turnover: 0 }]), []);
});

test('the third opening of a holdout asks for more than the first', () => {
  const result = resultOf(dailyReturns(365, 2.2, 'opening'));
  const z = (look: number) => holdoutAnswer(result, look, holdout).answer;
  assert.equal(z(1), 'confirmed');
  assert.equal(z(40), 'insufficient evidence');
});

test('only kept candidates are rivals of a look', () => {
  const returns = dailyReturns(1460, 2, 'mine');
  const earlier = (['discard', 'crash'] as const).map((outcome) => ({
    trial: outcome,
    family: 'f',
    fingerprint: null,
    returns,
    score: 1,
    outcome,
    selectionSharpe: 9,
  }));
  assert.equal(selectionBar(returns, 1, { ...emptyHistory(), earlier }, selection), 0);
});
