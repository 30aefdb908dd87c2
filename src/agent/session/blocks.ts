import type { Drive } from '../contract.ts';
import { History } from '../history/history.ts';
import { classify } from '../turn/classify.ts';
import { Exchange } from './exchange.ts';
import { orAborted } from './patience.ts';
import { ABORTED, type Stop, type Surroundings } from './surroundings.ts';

/**
 * The blocks wire: the harness drives, the model answers one plain message at a time. No conversation is kept: a refused answer in the
 * context is what a small model sends again. `system`: the text of every request, the same in all cycles, so that the server's prefix cache
 * holds it.
 */
export async function inBlocks(at: Surroundings, system: string, drive: Drive): Promise<Stop> {
  const { spec, tally, signal, note } = at;
  tally.wire = 'blocks';
  const exchange = new Exchange({ ...at, spec: { ...spec, tools: [], system } });
  let answer: string | null = null;
  let thinks = false;
  for (;;) {
    const step = await orAborted(drive(answer), signal, null);
    if (step === null) return ABORTED;
    for (const ran of step.ran) {
      tally.toolCalls += 1;
      note('tool', ran);
    }
    const end = step.ran.at(-1);
    if (step.ask === null) return { reason: 'finished', detail: end?.content ?? '' };
    const short = thinks ? 1 : Math.min(1, step.answerTokens / spec.sampling.maxTokens);
    const asked = await exchange.ask(new History({ system, task: step.ask }), {
      stream: true,
      seedShift: tally.turns,
      capFactor: short,
      // The same words again need another draw.
      ...(step.attempt > 0 ? { temperature: Math.min(1.1, spec.sampling.temperature + 0.15 * step.attempt) } : {}),
      ...(step.attempt > 1 ? { thinking: false } : {}),
    });
    if ('stop' in asked) return asked.stop;
    const turn = classify(asked.answer, []);
    tally.count(turn.class);
    thinks ||= turn.reasoning !== '';
    const lost = turn.class === 'TRUNCATED' || turn.class === 'REPEAT' || turn.class === 'STREAM_ERROR';
    answer = lost || turn.content.trim() === '' ? null : turn.content;
    const recovery = answer === null ? 'resampled' : null;
    if (recovery) tally.recover(recovery);
    note('turn', {
      n: tally.turns,
      class: turn.class,
      remark: answer === null ? turn.remark : null,
      recovery,
      answer: asked.answer,
    });
  }
}
