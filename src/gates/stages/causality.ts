import { plain } from '../check.ts';
import { memoryGates } from './memory.ts';
import type { StageAnswer, StageContext } from './stage.ts';

/** Replaces the future after cuts at decision bars and compares every decision up to the cut; then asks what the candidate remembers. */
export async function causalityStage(context: StageContext): Promise<StageAnswer> {
  const { config, params, workbench } = context;
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
