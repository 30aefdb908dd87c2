import { awakeLimit } from '../../base/awake.ts';
import type { CallTool, Drive, Restart, SessionEnd, SessionSpec, TranscriptEntry } from '../contract.ts';
import { History } from '../history/history.ts';
import { servedModel } from '../served-model.ts';
import { classify } from '../turn/classify.ts';
import { adviceFor } from './advice.ts';
import { inBlocks } from './blocks.ts';
import { Exchange, type Wish } from './exchange.ts';
import { Recoveries } from './recover.ts';
import { CallRunner } from './run-calls.ts';
import type { Stop } from './stop.ts';
import { Tally } from './tally.ts';
import { Window } from './window.ts';

interface Harness {
  readonly callTool: CallTool;
  readonly drive?: Drive;
  readonly restart?: Restart;
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
  const finish = ({ reason, detail }: Stop): SessionEnd => {
    const { charactersPerToken } = tally;
    if (charactersPerToken !== null) note('note', { learned: { charactersPerToken } });
    const overtime = reason === 'aborted' && !harness.signal.aborted;
    const end = overtime
      ? tally.end('wall_limit', `${spec.limits.wallMs} ms used`, adviceFor(tally))
      : tally.end(reason, detail, adviceFor(tally));
    note('end', end);
    return end;
  };

  const served = await servedModel(spec, signal);
  if ('reason' in served) return finish(served);
  const { drive, restart } = harness;
  const blocks =
    drive && spec.blocksSystem !== undefined
      ? () => inBlocks({ spec, system: spec.blocksSystem ?? '', served, drive, tally, signal, note, restart })
      : null;
  if (spec.wire === 'blocks' && blocks) return finish(await blocks());
  const stop = await inTools({
    spec,
    served,
    callTool: harness.callTool,
    tally,
    signal,
    note,
    restart,
    patient: blocks === null,
  });
  if (!blocks || stop.reason !== 'gave_up') return finish(stop);
  tally.recover('blocks');
  note('note', { recovery: 'blocks', why: stop.detail });
  return finish(await blocks());
}

interface Surroundings {
  readonly spec: SessionSpec;
  readonly served: { readonly id: string; readonly window: number | null };
  readonly callTool: CallTool;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly note: (kind: TranscriptEntry['kind'], data: unknown) => void;
  readonly restart?: Restart;
  /** Whether there is no other wire to go on with. */
  readonly patient: boolean;
}

/** The tools wire: one growing conversation of calls and results. */
async function inTools({ spec, served, callTool, tally, signal, note, restart, patient }: Surroundings): Promise<Stop> {
  const history = new History(spec);
  const window = new Window(spec, served.id, served.window);
  const exchange = new Exchange({ spec, model: served.id, history, tally, window, signal, note, restart });
  const runner = new CallRunner({ callTool, limits: spec.limits, history, tally, signal, note });
  const names = spec.tools.map(({ name }) => name);
  const recoveries = new Recoveries(patient, names);
  /** How long the history was when a call last ran. */
  let called = history.length;
  let wish: Wish = WISH;

  for (;;) {
    const asked = await exchange.ask(wish);
    if ('stop' in asked) return asked.stop;
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
      if (stop) return stop;
      called = history.length;
    }
    if (gaveUp) return step;
    // Calls that could not run have their answers in history already.
    if (step && turn.calls.length === 0) {
      if (step.rewind) history.rewind(called);
      if (step.keep) history.add({ role: 'assistant', content: turn.content, reasoning: turn.reasoning });
      if (step.note !== null) history.note(step.note);
    }
    wish = { ...WISH, ...step?.overlay };
  }
}
