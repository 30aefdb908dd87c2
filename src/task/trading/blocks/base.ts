import { openObjects } from '../../../journal/objects.ts';
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
  const { directive, events, runDir } = cycle;
  const started = events.findLast((event) => event.type === 'trial.started' && event.candidate === directive.base);
  if (started?.type !== 'trial.started') return null;
  const { trial, candidate, family, hypothesis, files } = started;
  const finished = events.findLast((event) => event.type === 'trial.finished' && event.trial === trial);
  const gates = finished?.type === 'trial.finished' ? finished.gates.filter(({ passed }) => !passed) : [];
  const object = files[`${candidate}.ts`];
  const source = object === undefined ? '' : openObjects(runDir).get(object).toString('utf8');
  const failed = gates.map(({ gate, message }) => `${gate}: ${message}`).join('\n');
  return { family, hypothesis, source, failed, aim: aimOf(cycle)?.aim.text ?? '' };
}
