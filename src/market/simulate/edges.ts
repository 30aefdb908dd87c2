import type { EdgeKind } from './edge-kinds.ts';
import { type Noise, TRENDING } from './noise.ts';
import {
  JUMP_DRIFT_MINUTES,
  MINUTES_PER_YEAR,
  MOMENTUM_MINUTES,
  REVERSION_THRESHOLD,
  type ResolvedSpec,
} from './spec.ts';

/** Tells, before a bar begins, which way the planted edge pushes it: -1, 0 or 1. Sees closes up to i - 1 only. */
export type EdgeRule = (i: number, close: Float64Array, noise: Noise) => number;

export interface PlantedEdge {
  readonly kind: EdgeKind;
  /** Asked for: of the oracle that knows the rule, gross of costs, a year of 525,960 minutes. */
  readonly annualSharpe: number;
  readonly rule: EdgeRule;
  /** Drift of a pushed bar, as a fraction. */
  readonly push: number;
  readonly description: string;
}

/**
 * Turns the asked annual Sharpe S into a push a bar. The oracle holds the rule's side over the bars in which it
 * acts, a share f of all, whose noise has standard deviation s: its Sharpe is push / s x sqrt(f x bars a year),
 * so push = S x s / sqrt(f x bars a year). f and s are taken from the noise alone, before any push.
 */
export function plantEdges(spec: ResolvedSpec, noise: Noise): PlantedEdge[] {
  return spec.edges.map(({ kind, annualSharpe }) => {
    const rule = ruleOf(kind, spec);
    const { share, deviation } = activity(rule, noise);
    const push = share > 0 ? (annualSharpe * deviation) / Math.sqrt((share * MINUTES_PER_YEAR) / spec.barMinutes) : 0;
    return { kind, annualSharpe, rule, push, description: describe(kind, push / spec.barMinutes, share) };
  });
}

function ruleOf(kind: EdgeKind, spec: ResolvedSpec): EdgeRule {
  if (kind === 'momentum') return momentum(spec.barMinutes);
  if (kind === 'reversion') return reversion(spec);
  if (kind === 'post-jump') return postJump(JUMP_DRIFT_MINUTES / spec.barMinutes);
  return kind === 'drift' ? () => 1 : () => 0;
}

function momentum(step: number): EdgeRule {
  const hour = 60 / step;
  const back = MOMENTUM_MINUTES / step;
  let side = 0;
  return (i, close, noise) => {
    if (i % hour === 0 && i > back) side = close[i - 1] > close[i - 1 - back] ? 1 : -1;
    return noise.regime[i] === TRENDING ? side : 0;
  };
}

function reversion(spec: ResolvedSpec): EdgeRule {
  const hour = 60 / spec.barMinutes;
  const deviation = spec.annualVolatility * Math.sqrt(60 / MINUTES_PER_YEAR);
  let side = 0;
  return (i, close) => {
    if (i % hour === 0 && i > hour) {
      const move = (close[i - 1] / close[i - 1 - hour] - 1) / deviation;
      side = move > REVERSION_THRESHOLD ? -1 : move < -REVERSION_THRESHOLD ? 1 : 0;
    }
    return side;
  };
}

function postJump(length: number): EdgeRule {
  let side = 0;
  let until = 0;
  return (i, _close, noise) => {
    if (i > 0 && noise.jump[i - 1] !== 0) [side, until] = [noise.jump[i - 1], i + length];
    return i < until ? side : 0;
  };
}

/** Share of the bars in which the rule acts on the unpushed path, and the noise's deviation there. */
function activity(rule: EdgeRule, noise: Noise): { share: number; deviation: number } {
  const n = noise.shock.length;
  const close = new Float64Array(n);
  let price = 1;
  let acting = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    if (rule(i, close, noise) !== 0) {
      acting += 1;
      squares += noise.shock[i] * noise.shock[i];
    }
    price *= 1 + noise.shock[i];
    close[i] = price;
  }
  return { share: acting / n, deviation: acting > 0 ? Math.sqrt(squares / acting) : 0 };
}

function describe(kind: EdgeKind, push: number, share: number): string {
  const size =
    share > 0
      ? `${(push * 60 * 10_000).toFixed(2)} bps an hour, ${(share * 100).toFixed(0)}% of the time`
      : 'never active on this path: make the market longer or take another seed';
  if (kind === 'momentum')
    return `in the trending regime the price goes on in the direction of the last 24 hours (${size})`;
  if (kind === 'reversion')
    return `after an hour of more than one standard deviation the next hour goes back (${size})`;
  if (kind === 'post-jump') return `after a jump the price drifts on in its direction for 24 hours (${size})`;
  return kind === 'drift' ? `a constant drift upwards (${size})` : 'no edge at all: pure noise';
}
