import { openClient } from '../client/complete.ts';
import type { Capabilities, Endpoint } from '../contract.ts';
import type { Check, CheckResult, Finding, Patient } from './check.ts';
import { BASICS } from './checks/basics.ts';
import { CALLS } from './checks/calls.ts';
import { ENDURANCE } from './checks/endurance.ts';
import { THINKING } from './checks/thinking.ts';

export interface Diagnosis {
  /** False when a vital check failed: no run can start against this server. */
  readonly usable: boolean;
  /** True when nothing failed. */
  readonly healthy: boolean;
  readonly endpoint: string;
  readonly model: string | null;
  readonly version: string | null;
  readonly tokensPerSecond: number | null;
  readonly checks: readonly CheckResult[];
  readonly capabilities: Capabilities;
}

/** Detail of a check behind a failed vital one. */
export const NOT_REACHED = 'not reached';

const CHECKS: readonly Check[] = [...BASICS, ...CALLS, ...THINKING, ...ENDURANCE];

/** Examines a server from top to toe; `onCheck` sees each result as it comes. A failed vital check ends the examination. */
export async function examine(
  endpoint: Endpoint,
  signal: AbortSignal,
  onCheck: (result: CheckResult) => void = () => {},
): Promise<Diagnosis> {
  const patient: Patient = {
    endpoint,
    client: openClient(endpoint),
    signal,
    model: endpoint.model,
    record: {},
    version: null,
    speed: null,
  };
  const checks: CheckResult[] = [];
  let usable = true;
  for (const { id, title, vital, run } of CHECKS) {
    const finding: Finding = usable ? await run(patient) : { status: 'skip', detail: NOT_REACHED };
    // A call that had to be picked out of the text is a failure one can live with; no call at all is not.
    if (vital && finding.status === 'fail' && !finding.detail.includes('left in the text')) usable = false;
    const result = { id, title, ...finding };
    checks.push(result);
    onCheck(result);
  }
  return {
    usable,
    healthy: checks.every(({ status }) => status !== 'fail'),
    endpoint: endpoint.baseUrl,
    model: patient.model || null,
    version: patient.version,
    tokensPerSecond: patient.speed === null ? null : Math.round(patient.speed),
    checks,
    capabilities: patient.record,
  };
}
