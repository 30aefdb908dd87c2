import { openObjects } from '../../../journal/objects.ts';
import { lastTrialOf } from '../../../journal/state/run-state.ts';
import type { Cycle } from '../../task.ts';
import { aimOf } from '../near-miss.ts';

/** The last trial of the candidate that a cycle goes on with. */
export interface Base {
  readonly family: string;
  readonly hypothesis: string;
  /** Its strategy file, empty where it has none. */
  readonly source: string;
  /** The gates that it failed, a line each. */
  readonly failed: string;
  /** Of a patch: where the gate is decided; empty otherwise. */
  readonly aim: string;
}

/** Null where the cycle starts from nothing. */
export function baseOf(cycle: Cycle): Base | null {
  const last = lastTrialOf(cycle.events, cycle.directive.base);
  if (!last) return null;
  const { candidate, family, hypothesis, started, missed } = last;
  const object = started.files[`${candidate}.ts`];
  const source = object === undefined ? '' : openObjects(cycle.runDir).get(object).toString('utf8');
  const failed = missed.map(({ gate, message }) => `${gate}: ${message}`).join('\n');
  return { family, hypothesis, source, failed, aim: aimOf(cycle)?.aim.text ?? '' };
}
