import { stripVTControlCharacters } from 'node:util';
import { plainText } from '../../../base/plain.ts';

/** Characters of an output that are looked at for metrics: the end of it. */
const MOST_KEPT = 1_000_000;

/** What a program printed, as data: its end, however much came. */
export class Output {
  #text = '';
  #cut = false;

  add(chunk: string): void {
    this.#text += chunk;
    if (this.#text.length <= 2 * MOST_KEPT) return;
    this.#text = this.#text.slice(-MOST_KEPT);
    this.#cut = true;
  }

  /** The end of the output without escape codes, in plain characters; whole lines only where it was cut. */
  get text(): string {
    const over = this.#text.length > MOST_KEPT;
    const end = over ? this.#text.slice(-MOST_KEPT) : this.#text;
    const whole = over || this.#cut ? end.slice(end.indexOf('\n') + 1) : end;
    return plainText(stripVTControlCharacters(whole).replaceAll(/\r\n?/g, '\n'));
  }
}

/** The last lines of a text within so many characters, for a message. */
export function tailOf(text: string, most = 800): string {
  const end = text.trimEnd();
  return end.length <= most ? end.trimStart() : `… ${end.slice(-most).trimStart()}`;
}
