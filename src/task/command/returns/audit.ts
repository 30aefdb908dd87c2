import { seededRandom } from '../../../base/random.ts';
import { plain } from '../../../gates/check.ts';
import type { GateResult } from '../../../gates/verdict.ts';
import { rangeOf, type WindowName } from '../contract/returns.ts';
import type { Measuring } from '../run/measure.ts';
import type { Arm } from '../run/tree.ts';
import { type Outcome, play, type Trace } from './play.ts';

/** Numbers that differ by less than this share are the same: sums in another order. */
const SAME = 1e-9;

/**
 * Looking ahead: the window is played again with another future after a cut, several times; what was decided up to the cut must stay as it was.
 * The cuts lie where a decision had just changed. Throws Failed where the program fails on another future.
 */
export async function auditGate(
  arm: Arm,
  name: WindowName,
  outcome: Outcome,
  seed: string,
  measuring: Measuring,
): Promise<GateResult> {
  const { cuts, decisions } = measuring.contract.returns!;
  const range = rangeOf(measuring.contract.returns!, name);
  const what = decisions === '' ? 'returns' : 'decisions';
  for (const cut of cutsOf(outcome.trace, range, cuts, seed)) {
    const again = await play(arm, name, seed, measuring, cut);
    const at = firstDifference(outcome.trace, again.trace, cut);
    if (at === null) continue;
    // Which day it was is told for train alone.
    const where = name === 'train' ? ` (at ${new Date(at).toISOString().slice(0, 16)}Z)` : '';
    const message = `looks ahead: ${what}${where} change when only later prices are other ones`;
    return plain('causality', 'future', false, 'leak', message);
  }
  return plain('causality', 'future', true, 'leak', `no ${what} changed under ${cuts} other futures`);
}

/** Times within the window at which the trace had just changed, drawn; else any of its times. */
function cutsOf({ times, rows }: Trace, { from, to }: { from: number; to: number }, count: number, seed: string) {
  const inside = times.flatMap((time, i) => (time >= from && time < to ? [i] : []));
  const acts = inside.filter((i) => i === 0 || rows[i][1] !== rows[i - 1][1]);
  const random = seededRandom(`cuts ${seed}`);
  const places = acts.length >= count ? acts : inside;
  const one = () => times[places[Math.floor(random() * places.length)]];
  return places.length === 0 ? [] : Array.from({ length: count }, one);
}

/** The first time up to the cut at which two traces differ; null where they are the same. */
function firstDifference(before: Trace, after: Trace, cut: number): number | null {
  for (let i = 0; ; i++) {
    const [a, b] = [before.times[i] ?? Number.POSITIVE_INFINITY, after.times[i] ?? Number.POSITIVE_INFINITY];
    if (a > cut && b > cut) return null;
    if (a !== b) return Math.min(a, b);
    const [left, right] = [before.rows[i], after.rows[i]];
    if (left.length !== right.length || left.some((cell, k) => k > 0 && !same(cell, right[k]))) return a;
  }
}

function same(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= SAME * Math.max(Math.abs(x), Math.abs(y));
}
