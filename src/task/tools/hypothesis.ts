import type { Cycle } from '../task.ts';
import { answer, type RunTool, refuse, text } from './tool.ts';

const NAME = /^[a-z][a-z0-9-]{1,48}$/;

/** One falsifiable sentence, before the code. */
export const registerHypothesis: RunTool = (args, cycle) => {
  const family = text(args, 'family');
  const hypothesis = text(args, 'hypothesis');
  const refutedIf = text(args, 'refuted_if');
  if (!NAME.test(family))
    return refuse(`family "${family}" must be lower-case words with dashes, such as trend-ema-cross.`);
  if (hypothesis.length < 20)
    return refuse('hypothesis must be one falsifiable sentence that says why the edge should exist.');
  if (!/\d/.test(refutedIf)) return refuse('refuted_if must contain the number that would refute the hypothesis.');
  const [mechanism, expected] = [text(args, 'mechanism'), text(args, 'expected')];
  cycle.record({
    type: 'hypothesis.registered',
    cycle: cycle.id,
    candidate: '',
    family,
    hypothesis,
    refutedIf,
    ...(mechanism && { mechanism }),
    ...(expected && { expected }),
  });
  return answer('Registered. Now write the candidate.');
};

/** The latest hypothesis that this cycle registered. */
export function registered(cycle: Cycle): { family: string; hypothesis: string } | undefined {
  const found = cycle.events.findLast((event) => event.type === 'hypothesis.registered' && event.cycle === cycle.id);
  return found?.type === 'hypothesis.registered' ? { family: found.family, hypothesis: found.hypothesis } : undefined;
}
