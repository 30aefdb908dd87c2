import type { CallTool, ToolResult } from '../contract.ts';
import type { History } from '../history/history.ts';
import { trimMiddle } from '../history/trim.ts';
import type { JudgedCall, Judgement } from '../turn/classify.ts';
import { RepeatGuard } from '../turn/repeat.ts';
import { orAborted } from './patience.ts';
import { ABORTED, type Stop, type Surroundings } from './surroundings.ts';

/** A tool that hangs must not outlive an abort. */
const GIVEN_UP: ToolResult = { content: 'error: aborted', ok: false };
/** More calls in one answer than anyone needs: a loop that found another way. */
const MOST_CALLS = 16;
/** From here on every answer says how many turns are left. */
const LAST_TURNS = 3;

/** Runs the calls of a turn in order and puts the turn with its answers into history. */
export class CallRunner {
  readonly #at: Surroundings;
  readonly #callTool: CallTool;
  readonly #history: History;
  readonly #repeats = new RepeatGuard();
  #circled = 0;
  /** What leaves the context once the turn is in it. */
  readonly #gone: Parameters<History['forget']>[0][] = [];

  constructor(at: Surroundings, callTool: CallTool, history: History) {
    this.#at = at;
    this.#callTool = callTool;
    this.#history = history;
  }

  /** Why the session ends with this turn, or null. A `final` answer ends it at once; later calls of the turn are not run. */
  async run(turn: Judgement): Promise<Stop | null> {
    const { tally, spec } = this.#at;
    const history = this.#history;
    const answers: string[] = [];
    let stop: Stop | null = null;
    for (const [i, call] of turn.calls.entries()) {
      const tooMany = i >= MOST_CALLS ? `error: not run: at most ${MOST_CALLS} calls in one answer` : null;
      const { text, end } = await this.#runOne({ ...call, problem: call.problem ?? tooMany });
      answers.push(text);
      stop = end;
      if (stop) break;
    }
    const left = spec.limits.turns - tally.turns;
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
    for (const gone of this.#gone.splice(0)) history.forget(gone);
    return stop;
  }

  async #runOne({ name, args, problem }: JudgedCall): Promise<{ text: string; end: Stop | null }> {
    const { tally, signal, note } = this.#at;
    if (problem === null) tally.toolCalls += 1;
    const result =
      problem === null
        ? await orAborted(this.#callTool(name, args), signal, GIVEN_UP)
        : { content: problem, ok: false };
    if ('forget' in result) this.#gone.push(({ function: made }) => result.forget?.includes(made.name) ?? false);
    const repeat = this.#repeats.note(name, args, result.content);
    if (repeat !== 'fine') tally.count('REPEAT');
    const said = trimMiddle(result.content.trim() === '' ? '(no output)' : result.content);
    const text = repeat === 'fine' ? said : `${said}\n${this.#circles(name, args, said)}`;
    note('tool', { name, args, ok: result.ok, content: text });
    if ('final' in result && result.final && result.ok) return { text, end: { reason: 'finished', detail: text } };
    if (signal.aborted) return { text, end: ABORTED };
    if (repeat !== 'stop') return { text, end: null };
    tally.recover('gave_up');
    return { text, end: { reason: 'gave_up', detail: `the same call with the same result again and again: ${name}` } };
  }

  /** The same call with the same result: the earlier ones leave the context, and no two of them hear the same words. */
  #circles(name: string, args: Readonly<Record<string, unknown>>, said: string): string {
    const given = JSON.stringify(args);
    const now = `c${this.#at.tally.turns}_`;
    this.#gone.push(
      ({ id, function: made }, answer) =>
        !id.startsWith(now) && made.name === name && made.arguments === given && answer.startsWith(said.slice(0, 200)),
    );
    this.#circled += 1;
    return this.#circled === 1
      ? `[You made this call before, with this result. Take the next step with another call.]`
      : `[${name} was called ${this.#circled + 1} times with this result. Do something else now, or call finish.]`;
  }
}
