import { seededRandom } from '../../base/random.ts';
import type { Directive } from './directive.ts';
import type { Escalation } from './escalate.ts';

/** What one cycle draws; journaled in `cycle.started`, so that a run can be replayed and repeated runs differ on purpose. */
export interface Draw {
  /** Sent with every request of the session. */
  readonly seed: number;
  readonly temperature: number;
  /** Which of the brief's nudges it carries, null for none. */
  readonly nudge: number | null;
}

export interface DrawInput {
  readonly runSeed: number;
  readonly cycle: number;
  readonly kind: Directive['kind'];
  /** The configured temperature for this kind of cycle. */
  readonly temperature: number;
  readonly escalation: Escalation;
  /** Number of nudges in prompts/cycle.md. */
  readonly nudges: number;
  /** Extra heat of this cycle's island. */
  readonly heat?: number;
}

/** How far the temperature wanders around the configured one. */
const SPREAD = 0.1;
const COOLEST = 0.1;
const HOTTEST = 1.2;
/** Share of free cycles that carry a nudge when nothing is wrong. */
const NUDGED = 0.5;

/** Draws a cycle's sampling and nudge from a stream of its own. Fix and patch want precision: little spread, no heat, no nudge. */
export function drawSampling(input: DrawInput): Draw {
  const random = seededRandom(`${input.runSeed}/${input.cycle}/sampling`);
  const seed = Math.floor(random() * 2 ** 31);
  const wander = (2 * random() - 1) * SPREAD;
  const chance = random();
  const nudge = Math.floor(random() * input.nudges);
  if (input.kind === 'fix' || input.kind === 'patch')
    return { seed, temperature: bounded(input.temperature + wander / 4), nudge: null };
  const { step, heat } = input.escalation;
  const nudged = input.nudges > 0 && (step !== 'none' || chance < NUDGED);
  const temperature = bounded(input.temperature + wander + heat + (input.heat ?? 0));
  return { seed, temperature, nudge: nudged ? nudge : null };
}

function bounded(temperature: number): number {
  return Math.round(100 * Math.min(HOTTEST, Math.max(COOLEST, temperature))) / 100;
}
