import { canonicalJson, sha256 } from '../../base/hash.ts';

const WINDOW = 10;
const WARN = 3;
const STOP = 5;

/**
 * Notices a session that goes in circles: the same call with the same result, also when the result says success, also
 * in turn with other calls.
 */
export class RepeatGuard {
  readonly #recent: string[] = [];

  /** Call with every executed call; says whether to warn the model or to end the session. */
  note(name: string, args: Readonly<Record<string, unknown>>, result: string): 'fine' | 'warn' | 'stop' {
    const key = sha256(`${name}\n${canonicalJson(args)}\n${result}`);
    this.#recent.push(key);
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const times = this.#recent.filter((seen) => seen === key).length;
    return times >= STOP ? 'stop' : times >= WARN ? 'warn' : 'fine';
  }
}
