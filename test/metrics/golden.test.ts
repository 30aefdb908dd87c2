import assert from 'node:assert/strict';
import test from 'node:test';
import { sharpe } from '../../src/metrics/sharpe.ts';
import { sortino } from '../../src/metrics/sortino.ts';

const g13 = [0.259, 0.198, 0.364, -0.081, 0.057, 0.055, 0.188, 0.317, 0.24, 0.184, -0.01, 0.526];
const g14 = [0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04];

test("Sharpe of pypbo's test data with a benchmark of 5%", () => {
  assert.ok(Math.abs(sharpe(g13, { benchmark: 0.05 })! - 0.834364) < 1e-6);
});

test("Sortino of pypbo's test data: the downside is divided by the full n", () => {
  assert.ok(Math.abs(sortino(g14)! - 4.417261) < 1e-6);
});
