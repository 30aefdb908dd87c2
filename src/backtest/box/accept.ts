import { z } from 'zod';
import type { BoxAnswer, SimulationRequest } from '../contract.ts';
import {
  causalityReport,
  fingerprints,
  futureReport,
  memoryReport,
  type SimulationResult,
  simulationResult,
} from './answers.ts';

/** Takes an answer only when it has the shape that was asked for. */
function accepting<T>(schema: z.ZodType<T>): (value: unknown) => BoxAnswer<T> {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    const { path, message } = parsed.error.issues[0];
    const words = `an answer of the wrong shape: ${path.join('.')}: ${message}`;
    return { ok: false, kind: 'protocol', message: words.slice(0, 300) };
  };
}

/** Takes as many fingerprints as there are windows. */
export const acceptFingerprints = (windows: number) => accepting(fingerprints.length(windows));

/** Takes an answer for each point that was asked about. */
export const acceptAllowed = (points: number) => accepting(z.array(z.boolean()).length(points));

export const acceptFuture = accepting(futureReport);
export const acceptMemory = accepting(memoryReport);

/** Takes a whole report, as a far evaluation gives it. */
export const acceptAudit = accepting(causalityReport);

/** Takes the child's results only when each has the shape, the sizes and the scenario that was asked for. */
export function acceptResults(value: unknown, requests: readonly SimulationRequest[]): BoxAnswer<SimulationResult[]> {
  const accepted = accepting(z.array(simulationResult).length(requests.length))(value);
  if (!accepted.ok) return accepted;
  const stranger = accepted.value.findIndex(({ scenario, params }, i) => {
    const asked = requests[i];
    return (
      scenario !== asked.scenario.name || Object.entries(asked.params).some(([key, value]) => params[key] !== value)
    );
  });
  if (stranger >= 0) return { ok: false, kind: 'protocol', message: `answer ${stranger} is to another question` };
  return { ok: true, value: value as SimulationResult[] };
}
