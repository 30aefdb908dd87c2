import { sha256 } from '../../../base/hash.ts';
import type { Written } from '../marks.ts';
import { placeOf } from '../place.ts';

/** One line of text that is put into a source at an offset in UTF-16 units. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Puts the insertions, which rise, into the source. */
export function insert(source: string, insertions: readonly Insertion[]): string {
  let made = '';
  let done = 0;
  for (const { at, text } of insertions) {
    made += source.slice(done, at) + text;
    done = at;
  }
  return made + source.slice(done);
}

/** What is to be known of a source with insertions; `script` is that of the source without them. */
export function writtenOf(source: string, insertions: readonly Insertion[], script: string): Written {
  const places = insertions.map(({ at, text }) => {
    const [line, column] = placeOf(source, at).split(':').map(Number);
    return { line, column, length: text.length };
  });
  return { print: sha256(script), places };
}
