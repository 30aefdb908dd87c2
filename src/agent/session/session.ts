import { messageOf } from '../../base/errors.ts';
import { awakeLimit } from '../../base/wait/awake.ts';
import { faultOf } from '../client/fault.ts';
import { findModel, identify, ListRefused, NotServed } from '../client/identify.ts';
import type { CallTool, Note, SessionEnd, SessionHarness, SessionSpec } from '../contract.ts';
import { History } from '../history/history.ts';
import { classify } from '../turn/classify.ts';
import { inBlocks } from './blocks.ts';
import { Exchange, type Wish } from './exchange.ts';
import { Patience, pause } from './patience.ts';
import { Recoveries } from './recover.ts';
import { CallRunner } from './run-calls.ts';
import { ABORTED, type Served, type Stop, type Surroundings } from './surroundings.ts';
import { adviceFor, Tally } from './tally.ts';

const WISH = { seedShift: 0, stream: true, capFactor: 1 };

/**
 * The turn loop: ask, judge, run the calls, recover. Ends with `finished` only when a tool says so (`finish`); a text
 * that claims to be done is answered with a nudge. Throws nothing for what a server or a model does, only what
 * `callTool` throws.
 */
export async function runSession(spec: SessionSpec, harness: SessionHarness): Promise<SessionEnd> {
  const overtime = new AbortController();
  const wall = awakeLimit(spec.limits.wallMs, () => overtime.abort());
  try {
    return await turns(spec, harness, new Tally(() => wall.asleepMs), overtime.signal);
  } finally {
    wall.clear();
  }
}

async function turns(spec: SessionSpec, harness: SessionHarness, tally: Tally, wall: AbortSignal): Promise<SessionEnd> {
  const note: Note = (kind, data) => harness.onEntry({ at: Date.now(), kind, data });
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
  const { callTool, drive, restart } = harness;
  const at: Surroundings = { spec, served, tally, signal, note, restart };
  const { blocksSystem } = spec;
  const blocks = drive && blocksSystem !== undefined ? () => inBlocks(at, blocksSystem, drive) : null;
  if (spec.wire === 'blocks' && blocks) return finish(await blocks());
  const stop = await inTools(at, callTool, blocks === null);
  if (!blocks || stop.reason !== 'gave_up') return finish(stop);
  tally.recover('blocks');
  note('note', { recovery: 'blocks', why: stop.detail });
  return finish(await blocks());
}

/** The tools wire: one growing conversation of calls and results. `patient`: there is no other wire to go on with. */
async function inTools(at: Surroundings, callTool: CallTool, patient: boolean): Promise<Stop> {
  const { spec, tally, note } = at;
  const history = new History(spec);
  const exchange = new Exchange(at);
  const runner = new CallRunner(at, callTool, history);
  const names = spec.tools.map(({ name }) => name);
  const recoveries = new Recoveries(patient, names);
  /** How long the history was when a call last ran. */
  let called = history.length;
  let wish: Wish = WISH;

  for (;;) {
    const asked = await exchange.ask(history, wish);
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

/** The model to ask. A server that is still starting is waited for. */
async function servedModel(spec: SessionSpec, signal: AbortSignal): Promise<Served | Stop> {
  const named = spec.endpoint.model || spec.capabilities?.model || '';
  if (named && spec.capabilities?.window) return { id: named, window: spec.capabilities.window };
  const endpoint = { ...spec.endpoint, model: named };
  const patience = new Patience(spec.limits);
  const began = performance.now();
  for (;;) {
    if (signal.aborted) return ABORTED;
    try {
      const model = await findModel(endpoint, signal);
      return { id: model.id, window: model.window ?? (await identify(endpoint, model, signal)).window };
    } catch (thrown) {
      if (signal.aborted) continue;
      if (thrown instanceof NotServed || (thrown instanceof ListRefused && thrown.status < 500))
        return { reason: 'server_refused', detail: messageOf(thrown) };
      const wait = patience.next(undefined, spec.limits.wallMs - (performance.now() - began));
      if (wait === null) {
        const why = faultOf(thrown, false).message;
        return { reason: 'server_down', detail: `no answer from ${spec.endpoint.baseUrl}: ${why}` };
      }
      await pause(wait, signal);
    }
  }
}
