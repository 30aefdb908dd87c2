import type { Completion } from '../client/completion.ts';
import type { Recovery, TurnClass } from '../contract.ts';
import type { Judgement } from '../turn/classify.ts';
import { nearRepeat } from '../turn/repeat.ts';
import type { Overlay } from './request.ts';
import { type Stop, stopFor } from './surroundings.ts';

/** What to do after a turn that ran no call. */
export interface Step {
  readonly recovery: Recovery;
  /** Changes to the next request. */
  readonly overlay: Partial<Omit<Overlay, 'cap'>> & { capFactor?: number };
  /** Word to the model; null leaves history as it was, so that the same request is drawn again. */
  readonly note: string | null;
  /** Whether the turn's text goes into history. */
  readonly keep: boolean;
  /** Whether what was said since the last call leaves it: the model repeats itself. */
  readonly rewind?: boolean;
}

/** Turns in a row without a call that ran, whatever their classes: where there is another wire, it is taken sooner. */
const MISSES = 9;
const MISSES_BEFORE_BLOCKS = 5;
/** The same text so often, whatever was asked, and the session goes on without it. */
const SAME_TEXTS = 4;
const CALL_A_TOOL = 'Nothing was called. Do the next step now with a tool call; when the work is done, call finish.';

/** One bounded recovery per class, from cheap to strong: draw again, say what was wrong, think less, give up. */
export class Recoveries {
  readonly #counts = new Map<TurnClass, number>();
  readonly #most: number;
  readonly #tools: readonly string[];
  #misses = 0;
  #thought: number[] = [];
  #said: string[] = [];

  /** `patient`: no other wire is left to go on with. `tools`: what may be called. */
  constructor(patient = true, tools: readonly string[] = []) {
    this.#most = patient ? MISSES : MISSES_BEFORE_BLOCKS;
    this.#tools = tools;
  }

  /** A call can run: everything is forgiven. */
  progress(): null {
    this.#counts.clear();
    this.#misses = 0;
    this.#thought = [];
    this.#said = [];
    return null;
  }

  next(turn: Judgement, answer: Completion): Step | Stop {
    this.#misses += 1;
    this.#thought.push(turn.reasoning.length);
    const times = (this.#counts.get(turn.class) ?? 0) + 1;
    this.#counts.set(turn.class, times);
    if (this.#misses > this.#most)
      return { reason: 'gave_up', detail: `${this.#misses} turns in a row without a call; the last: ${turn.remark}` };
    if (turn.class === 'REPEAT' && times > 3) return circles(turn);
    const step = this.#sameAgain(turn) ?? this.#step(turn, answer, times);
    if ('reason' in step) return step;
    return this.#thinksEverLonger()
      ? { ...step, recovery: 'thinking_off', overlay: { ...step.overlay, thinking: false } }
      : step;
  }

  /** The same text again needs another request: nothing of it in the context, one step to take, another draw without thinking. */
  #sameAgain({ class: kind, content }: Judgement): Step | Stop | null {
    if (!['OK_TEXT', 'ANNOUNCED_ONLY', 'MALFORMED_ARGS'].includes(kind)) return null;
    const times = this.#said.filter((said) => nearRepeat(said, content)).length + 1;
    this.#said.push(content);
    if (times === 1) return null;
    if (times >= SAME_TEXTS)
      return { reason: 'gave_up', detail: `the same text ${times} times: ${content.trim().slice(0, 120)}` };
    const note =
      times === 2
        ? `Your text was not a call, and nothing was run. Make one tool call now: ${this.#tools.join(', ')}.`
        : `Answer with nothing but one call, such as ${this.#tools[0] ?? 'finish'}.`;
    const overlay = { seedShift: this.#misses, temperature: 0.6 + 0.2 * times, thinking: false };
    return { recovery: 'reasked', overlay, note, keep: false, rewind: true };
  }

  #step(turn: Judgement, answer: Completion, times: number): Step {
    const redraw = { seedShift: this.#misses, temperature: 0.6 };
    switch (turn.class) {
      case 'EMPTY_TURN':
        if (times <= 2) return step('resampled', redraw);
        if (times === 3) return step('nudged', redraw, CALL_A_TOOL);
        return step('thinking_off', { ...redraw, thinking: false }, times === 4 ? null : CALL_A_TOOL);
      case 'STREAM_ERROR':
        return step('unstreamed', { ...redraw, stream: false }, times > 2 ? CALL_A_TOOL : null);
      case 'REPEAT':
        return times === 1
          ? step('resampled', { ...redraw, temperature: 0.8, presencePenalty: 1 })
          : step(
              'thinking_off',
              { ...redraw, temperature: 0.8, presencePenalty: 1.5, thinking: false },
              `${capital(turn.remark)}. Be brief and call one tool.`,
            );
      case 'TRUNCATED':
        return afterCut(turn, answer, times, redraw);
      case 'MALFORMED_ARGS':
      case 'UNKNOWN_TOOL':
        return step(
          'reasked',
          times > 1 ? redraw : {},
          `${capital(turn.remark)}; nothing was run. Send it again as a proper tool call, outside of thinking and code fences.`,
        );
      default:
        return {
          ...step(
            times > 3 ? 'thinking_off' : 'nudged',
            times > 3 ? { ...redraw, thinking: false } : {},
            noteFor(turn),
          ),
          keep: true,
        };
    }
  }

  /** Thought grows from turn to turn and no act follows. */
  #thinksEverLonger(): boolean {
    const last = this.#thought.slice(-3);
    return last.length === 3 && last[0] > 400 && last[1] > last[0] * 1.2 && last[2] > last[1] * 1.2;
  }
}

function afterCut(turn: Judgement, answer: Completion, times: number, redraw: Step['overlay']): Step {
  const atCap = answer.finish === 'length' || (answer.usage?.completion ?? 0) >= answer.cap;
  const told = `Your last answer was ${turn.remark}, so nothing of it was run. Be brief; write long files in a shorter form.`;
  if (times === 1) return atCap ? step('raised_cap', { ...redraw, capFactor: 2 }) : step('resampled', redraw);
  if (times === 2) return step('reasked', { ...redraw, capFactor: 2 }, told);
  return step('thinking_off', { ...redraw, capFactor: 2, thinking: false }, times === 3 ? null : told);
}

function noteFor(turn: Judgement): string {
  return turn.remark?.includes('code fence')
    ? 'A call inside a code fence is not run. Send it as a tool call.'
    : CALL_A_TOOL;
}

/** A flood of one character comes from a sick server and stays until it is restarted; a loop of words is the model's. */
function circles(turn: Judgement): Stop {
  const flood = /"(.)\1*" repeated/.test(turn.remark ?? '') && !/"\s+" repeated/.test(turn.remark ?? '');
  return flood
    ? stopFor('server_down', `the server sends floods of one character; restart it (${turn.remark})`)
    : stopFor('gave_up', turn.remark ?? 'the model repeats itself');
}

function step(recovery: Recovery, overlay: Step['overlay'], note: string | null = null): Step {
  return { recovery, overlay, note, keep: false };
}

function capital(text: string | null): string {
  return text === null || text === '' ? 'That could not be read' : text[0].toUpperCase() + text.slice(1);
}
