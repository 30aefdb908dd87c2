import { useProxies } from '../../base/network.ts';
import type { ServerKind } from '../client/identify.ts';
import type { Capabilities, Endpoint } from '../contract.ts';
import { type Check, type CheckResult, type Finding, type Patient, patientAt, skip } from './check.ts';
import { BASICS, WINDOW, wireOf } from './checks/basics.ts';
import { BLOCKS } from './checks/blocks.ts';
import { CALL, CALLS } from './checks/calls.ts';
import { ENDURANCE, PACE } from './checks/endurance.ts';
import { THINKING } from './checks/thinking.ts';
import { cureFor } from './cures.ts';

export interface Diagnosis {
  readonly server: ServerKind | null;
  readonly version: string | null;
  readonly endpoint: string;
  readonly model: string | null;
  /** Tokens that a request may have; null where the server does not say. */
  readonly contextTokens: number | null;
  /** How sessions will talk to the model, and why. */
  readonly wire: 'tools' | 'blocks';
  readonly why: string;
  /** False when no run can start against this server. */
  readonly runnable: boolean;
  /** True when nothing failed. */
  readonly healthy: boolean;
  readonly tokensPerSecond: number | null;
  readonly checks: readonly CheckResult[];
  readonly capabilities: Capabilities;
}

/** Detail of a check behind a failed vital one. */
export const NOT_REACHED = 'not reached';

const tools = (checks: readonly Check[]) => checks.map((check) => ({ ...check, toolsOnly: true as const }));
const CHECKS: readonly Check[] = [
  ...BASICS,
  CALL,
  BLOCKS,
  WINDOW,
  ...tools(CALLS),
  ...tools(THINKING),
  ...tools(ENDURANCE),
  ...PACE,
];

/** Examines a server from top to toe; `onStart` sees each check as it begins. A failed vital check ends the examination. */
export async function examine(
  endpoint: Endpoint,
  signal: AbortSignal,
  onStart: (title: string, place: string) => void = () => {},
): Promise<Diagnosis> {
  useProxies();
  const patient = patientAt(endpoint, signal);
  const checks: CheckResult[] = [];
  let runnable = true;
  for (const [i, check] of CHECKS.entries()) {
    const { id, title } = check;
    onStart(title, `${i + 1}/${CHECKS.length}`);
    const found = await findingOf(check, patient, runnable);
    const finding = found.cure ? { ...found, cure: cureFor(patient.server?.kind ?? null, id, found.cure) } : found;
    // A model that calls no tools can still write blocks; one that does neither can do nothing here.
    if (finding.status === 'fail' && (check.vital || id === 'blocks')) runnable = false;
    checks.push({ id, title, ...finding });
  }
  const wire = wireOf(patient);
  const call = checks.find(({ id }) => id === 'call');
  return {
    server: patient.server?.kind ?? null,
    version: patient.server?.version ?? null,
    endpoint: endpoint.baseUrl,
    model: patient.model || null,
    contextTokens: patient.record.window ?? null,
    wire,
    why: call?.detail ?? NOT_REACHED,
    runnable,
    healthy: checks.every(({ status }) => status !== 'fail'),
    tokensPerSecond: patient.speed === null ? null : Math.round(patient.speed * 10) / 10,
    checks,
    capabilities: patient.record,
  };
}

function findingOf(check: Check, patient: Patient, runnable: boolean): Promise<Finding> | Finding {
  if (!runnable) return skip(NOT_REACHED);
  if (check.toolsOnly && wireOf(patient) === 'blocks') return skip('not needed on the blocks wire');
  return check.run(patient);
}
