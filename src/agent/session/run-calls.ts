import type { CallTool, SessionLimits, ToolResult, TranscriptEntry } from '../contract.ts';
import type { History } from '../history/history.ts';
import { trimMiddle } from '../history/trim.ts';
import type { JudgedCall, Judgement } from '../turn/classify.ts';
import { RepeatGuard } from '../turn/repeat.ts';
import type { Stop } from './stop.ts';
import type { Tally } from './tally.ts';

interface Surroundings {
  readonly callTool: CallTool;
  readonly limits: SessionLimits;
  readonly history: History;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly note: (kind: TranscriptEntry['kind'], data: unknown) => void;
}

const CIRCLES = '[This same call gave this same result several times. Do something else, or call finish.]';
/** More calls in one answer than anyone needs: a loop that found another way. */
const MOST_CALLS = 16;
/** From here on every answer says how many turns are left. */
const LAST_TURNS = 3;

/** Runs the calls of a turn in order and puts the turn with its answers into history. */
export class CallRunner {
  readonly #at: Surroundings;
  readonly #repeats = new RepeatGuard();

  constructor(at: Surroundings) {
    this.#at = at;
  }

  /** Why the session ends with this turn, or null. A `final` answer ends it at once; later calls of the turn are not run. */
  async run(turn: Judgement): Promise<Stop | null> {
    const { history, tally, limits } = this.#at;
    const answers: string[] = [];
    let stop: Stop | null = null;
    for (const [i, call] of turn.calls.entries()) {
      const tooMany = i >= MOST_CALLS ? `error: not run: at most ${MOST_CALLS} calls in one answer` : null;
      const { text, end } = await this.#runOne({ ...call, problem: call.problem ?? tooMany });
      answers.push(text);
      stop = end;
      if (stop) break;
    }
    const left = limits.turns - tally.turns;
    if (left <= LAST_TURNS)
      answers.push(`${answers.pop()}\n[${left} turns left. Call finish before they are used up.]`);
    const ids = turn.calls.map((_, i) => `c${tally.turns}_${i}`);
    const calls = turn.calls.map(({ name, args }, i) => ({
      id: ids[i],
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    }));
    history.add({ role: 'assistant', content: turn.content, reasoning: turn.reasoning, tool_calls: calls });
    history.add(...answers.map((content, i) => ({ role: 'tool', tool_call_id: ids[i], content })));
    return stop;
  }

  async #runOne({ name, args, problem }: JudgedCall): Promise<{ text: string; end: Stop | null }> {
    const { tally, signal, note } = this.#at;
    if (problem === null) tally.toolCalls += 1;
    const result =
      problem === null ? await this.#orAborted(this.#at.callTool(name, args)) : { content: problem, ok: false };
    const repeat = this.#repeats.note(name, args, result.content);
    if (repeat !== 'fine') tally.count('REPEAT');
    const said = result.content.trim() === '' ? '(no output)' : result.content;
    const text = trimMiddle(said) + (repeat === 'fine' ? '' : `\n${CIRCLES}`);
    note('tool', { name, args, ok: result.ok, content: text });
    if ('final' in result && result.final && result.ok) return { text, end: { reason: 'finished', detail: text } };
    if (signal.aborted) return { text, end: { reason: 'aborted', detail: 'aborted by the harness' } };
    if (repeat !== 'stop') return { text, end: null };
    tally.recover('gave_up');
    return { text, end: { reason: 'gave_up', detail: `the same call with the same result again and again: ${name}` } };
  }

  /** A tool that hangs must not outlive an abort. */
  #orAborted(work: Promise<ToolResult>): Promise<ToolResult> {
    const { signal } = this.#at;
    return new Promise((done, fail) => {
      const stop = () => done({ content: 'error: aborted', ok: false });
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      work.then(done, fail).finally(() => signal.removeEventListener('abort', stop));
    });
  }
}
