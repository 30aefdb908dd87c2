import { awakeLimit } from '../../base/awake.ts';
import type { CallTool, SessionEnd, SessionEndReason, SessionSpec, TranscriptEntry } from '../contract.ts';
import { History } from '../history/history.ts';
import { servedModel } from '../served-model.ts';
import { classify } from '../turn/classify.ts';
import { adviceFor } from './advice.ts';
import { Exchange } from './exchange.ts';
import { Recoveries } from './recover.ts';
import { CallRunner } from './run-calls.ts';
import { Tally } from './tally.ts';
import { Window } from './window.ts';

interface Harness {
  readonly callTool: CallTool;
  readonly onEntry: (entry: TranscriptEntry) => void;
  readonly signal: AbortSignal;
}

const WISH = { seedShift: 0, stream: true, capFactor: 1 };

/**
 * The turn loop: ask, judge, run the calls, recover. Ends with `finished` only when a tool says so (`finish`); a text
 * that claims to be done is answered with a nudge. Throws nothing for what a server or a model does, only what
 * `callTool` throws.
 */
export async function runSession(spec: SessionSpec, harness: Harness): Promise<SessionEnd> {
  const overtime = new AbortController();
  const wall = awakeLimit(spec.limits.wallMs, () => overtime.abort());
  try {
    return await turns(spec, harness, new Tally(() => wall.asleepMs), overtime.signal);
  } finally {
    wall.clear();
  }
}

async function turns(spec: SessionSpec, harness: Harness, tally: Tally, wall: AbortSignal): Promise<SessionEnd> {
  const note = (kind: TranscriptEntry['kind'], data: unknown) => harness.onEntry({ at: Date.now(), kind, data });
  const signal = AbortSignal.any([harness.signal, wall]);
  const finish = (reason: SessionEndReason, detail: string): SessionEnd => {
    const overtime = reason === 'aborted' && !harness.signal.aborted;
    const end = overtime
      ? tally.end('wall_limit', `${spec.limits.wallMs} ms used`, adviceFor(tally))
      : tally.end(reason, detail, adviceFor(tally));
    note('end', end);
    return end;
  };

  const served = await servedModel(spec, signal);
  if ('reason' in served) return finish(served.reason, served.detail);
  const history = new History(spec);
  const window = new Window(spec, served.id, served.window);
  const exchange = new Exchange({ spec, model: served.id, history, tally, window, signal, note });
  const runner = new CallRunner({ callTool: harness.callTool, limits: spec.limits, history, tally, signal, note });
  const recoveries = new Recoveries();
  let wish: Parameters<Exchange['ask']>[0] = WISH;

  for (;;) {
    const asked = await exchange.ask(wish);
    if ('stop' in asked) return finish(asked.stop.reason, asked.stop.detail);
    const turn = classify(asked.answer, spec.tools);
    tally.count(turn.class);
    const acts = turn.calls.some((call) => call.problem === null);
    const step = acts ? recoveries.progress() : recoveries.next(turn, asked.answer);
    const gaveUp = step !== null && 'reason' in step;
    const recovery = gaveUp ? 'gave_up' : (step?.recovery ?? (turn.class === 'SALVAGED' ? 'salvaged' : null));
    if (recovery) tally.recover(recovery);
    note('turn', { n: tally.turns, class: turn.class, remark: turn.remark, recovery, answer: asked.answer });
    if (turn.calls.length > 0) {
      const stop = await runner.run(turn);
      if (stop) return finish(stop.reason, stop.detail);
    }
    if (gaveUp) return finish(step.reason, step.detail);
    // Calls that could not run have their answers in history already.
    if (step && turn.calls.length === 0) {
      if (step.keep) history.add({ role: 'assistant', content: turn.content, reasoning: turn.reasoning });
      if (step.note !== null) history.note(step.note);
    }
    wish = { ...WISH, ...step?.overlay };
  }
}
