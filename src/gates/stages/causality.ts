import type { Params } from '../../strategy/candidate.ts';
import { plain } from '../check.ts';
import { memoryGates } from './memory.ts';
import { isFailure, pointsOf, type StageAnswer, type StageContext } from './stage.ts';

/** Replaces the future after cuts at decision bars and compares every decision up to the cut; then asks what the candidate remembers. */
export async function causalityStage(context: StageContext): Promise<StageAnswer> {
  const points = pointsOf(context);
  for (const [k, params] of points.entries()) {
    const gates = await auditGates(context, params);
    if (isFailure(gates) || k === points.length - 1 || gates.some(({ passed }) => !passed)) return gates;
  }
  return [];
}

/** The audit with one set of parameters: a candidate that is tuned could look ahead with some of them alone. */
export async function auditGates(context: StageContext, params: Params): Promise<StageAnswer> {
  const { config, workbench } = context;
  const answer = await workbench.audit(params, config.causality.cuts);
  if (!answer.ok) return answer;
  const { leak, cuts, compared, memory } = answer.value;
  const message = leak
    ? `looks ahead: ${leak.message} (decision ${leak.decision}, cut ${leak.cut} of ${cuts})`
    : `${compared} decisions unchanged over ${cuts} replaced futures`;
  return [
    plain('causality', 'future', leak === null, 'leak', message),
    ...(memory ? memoryGates(memory, context) : []),
  ];
}
