import type { CallTool, Note, SessionSpec, ToolResult } from '../contract.ts';
import { trimMiddle } from '../history/trim.ts';
import type { Stop } from '../session/surroundings.ts';
import type { Tally } from '../session/tally.ts';
import { coerce } from '../turn/coerce.ts';
import { resolveTool, unknownTool } from '../turn/names.ts';
import { RepeatGuard } from '../turn/repeat.ts';
import { HUNG_UP } from './line-socket.ts';

/** Aborted when a client takes its call back, and not when the client is gone: what was charged is judged. */
function cancelOf(signal: AbortSignal | undefined): AbortSignal | undefined {
  const cancel = new AbortController();
  signal?.addEventListener('abort', () => signal.reason !== HUNG_UP && cancel.abort(), { once: true });
  return cancel.signal;
}

interface Surroundings {
  readonly spec: SessionSpec;
  readonly callTool: CallTool;
  readonly tally: Tally;
  readonly note: Note;
  readonly end: (ending: Ending) => void;
}

/** How a session ends, or what the harness threw. */
export type Ending = Stop | { readonly thrown: unknown };

const CANCELLED: ToolResult = { ok: false, content: 'error: cancelled before it began' };

/**
 * Takes the calls of an agent that is not ours: one at a time, under the same checks and limits as the built-in session. A call
 * counts as a turn, since whole turns cannot be seen from here.
 */
export class ToolDesk {
  readonly #at: Surroundings;
  readonly #repeats = new RepeatGuard();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  get tools(): SessionSpec['tools'] {
    return this.#at.spec.tools;
  }

  /** The answer to one call; calls that come together wait for each other. One that is cancelled while it waits is not run. Never rejects. */
  call(name: string, args: unknown, signal?: AbortSignal): Promise<ToolResult> {
    const result = this.#last.then(() => (signal?.aborted ? CANCELLED : this.#call(name, args, signal)));
    this.#last = result;
    return result;
  }

  async #call(name: string, given: unknown, signal?: AbortSignal): Promise<ToolResult> {
    if (this.#closed) return { ok: false, content: 'error: the session is over' };
    const { tally, spec } = this.#at;
    if (tally.turns >= spec.limits.turns) {
      this.#close({ reason: 'turn_limit', detail: `${tally.turns} of ${spec.limits.turns} calls used` });
      return { ok: false, content: 'error: no calls left; the session is over' };
    }
    tally.turns += 1;
    const tool = resolveTool(name, spec.tools);
    const coerced = tool ? coerce(given ?? {}, tool) : null;
    tally.count(!tool ? 'UNKNOWN_TOOL' : coerced?.ok ? 'OK_CALLS' : 'MALFORMED_ARGS');
    if (!tool) return { ok: false, content: unknownTool(name, spec.tools) };
    if (!coerced?.ok) return { ok: false, content: coerced?.problem ?? '' };
    return this.#run(tool.name, coerced.args, signal);
  }

  async #run(name: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<ToolResult> {
    const { tally, callTool, note, end } = this.#at;
    let result: ToolResult;
    tally.toolCalls += 1;
    try {
      result = await callTool(name, args, cancelOf(signal));
    } catch (thrown) {
      this.#closed = true;
      end({ thrown });
      return { ok: false, content: 'error: the harness failed; the session is over' };
    }
    const repeat = this.#repeats.note(name, args, result.content);
    if (repeat !== 'fine') tally.count('REPEAT');
    const content = trimMiddle(result.content);
    note('tool', { name, args, ok: result.ok, content });
    if (result.final && result.ok) this.#close({ reason: 'finished', detail: content });
    else if (repeat === 'stop')
      this.#close({ reason: 'gave_up', detail: `the same call with the same result again and again: ${name}` });
    return { ...result, content };
  }

  #close(ending: Stop): void {
    this.#closed = true;
    this.#at.end(ending);
  }
}
