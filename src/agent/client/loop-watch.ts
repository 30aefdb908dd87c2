const CHECK_EVERY = 256;
const LONGEST_PERIOD = 400;
const WORDS = 300;

/**
 * Watches one channel of a stream for text that repeats itself: an exact loop of up to 400 characters, a flood of one
 * character, or words that go round with small changes. Generous on purpose: a table ruler, an array of zeros or a
 * deeply indented file is not a loop.
 */
export class LoopWatch {
  #checked = 0;

  /**
   * A description of the loop, or null. Cheap enough to call with every piece: looks once per 256 new characters.
   * `prose`: also look for words that go round; data and code repeat words by nature.
   */
  look(text: string, prose: boolean): string | null {
    if (text.length - this.#checked < CHECK_EVERY) return null;
    this.#checked = text.length;
    const tail = text.slice(-2 * WORDS * 8);
    return exactLoop(tail) ?? (prose ? wordLoop(tail) : null);
  }
}

function exactLoop(tail: string): string | null {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    let run = 0;
    while (run + period < tail.length && tail[tail.length - 1 - run] === tail[tail.length - 1 - run - period]) run += 1;
    const span = run + period;
    const needed = period === 1 ? CHECK_EVERY : Math.max(700, period * 5);
    if (span >= needed) return `${JSON.stringify(tail.slice(-period).slice(0, 40))} repeated over ${span} characters`;
  }
  return null;
}

/** Distinct three-word groups among the last 300 words: prose has nearly as many groups as words, a loop a handful. */
function wordLoop(tail: string): string | null {
  const words = tail
    .toLowerCase()
    .replaceAll(/\d+/g, '0')
    .split(/[^\p{L}\p{N}_]+/u)
    .filter(Boolean);
  if (words.length < WORDS) return null;
  const recent = words.slice(-WORDS);
  const groups = new Set<string>();
  for (let i = 2; i < recent.length; i++) groups.add(`${recent[i - 2]} ${recent[i - 1]} ${recent[i]}`);
  return groups.size < WORDS * 0.12 ? `${groups.size} different word groups in the last ${WORDS} words` : null;
}
