import { canonicalJson, sha256 } from '../../base/hash.ts';

/** Whether two answers are the same but for layout, comments and a few words: nine of ten lines are equal. */
export function nearRepeat(a: string, b: string): boolean {
  const [first, second] = [linesOf(a), linesOf(b)];
  const more = first.size > second.size ? first : second;
  const shared = [...first].filter((line) => second.has(line)).length;
  return more.size > 0 && shared >= 0.9 * more.size;
}

function linesOf(text: string): Set<string> {
  const lines = text.split('\n').map((line) => line.replace(/\/\/.*$/, '').replaceAll(/\s+/g, ''));
  return new Set(lines.filter((line) => line !== ''));
}

const WINDOW = 10;
const WARN = 2;
/** So often the same since anything new came, or within the window whatever came between. */
const STOP = { inARow: 4, inWindow: 5 };

/**
 * Notices a session that goes in circles: the same call with the same result, also when the result says success, also
 * in turn with other calls.
 */
export class RepeatGuard {
  readonly #recent: string[] = [];
  /** Calls and results since the last one that was new. */
  #old: string[] = [];

  /** Call with every executed call; says whether to warn the model or to end the session. */
  note(name: string, args: Readonly<Record<string, unknown>>, result: string): 'fine' | 'warn' | 'stop' {
    const key = sha256(`${name}\n${canonicalJson(args)}\n${result}`);
    if (!this.#recent.includes(key)) this.#old = [];
    this.#old.push(key);
    this.#recent.push(key);
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const times = (list: readonly string[]) => list.filter((seen) => seen === key).length;
    if (times(this.#old) >= STOP.inARow || times(this.#recent) >= STOP.inWindow) return 'stop';
    return times(this.#old) >= WARN ? 'warn' : 'fine';
  }
}
