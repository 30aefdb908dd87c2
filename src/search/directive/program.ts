import { diffArrays } from 'diff';
import { attempt } from '../../base/attempt.ts';
import type { RalphEvent, RunEvent } from '../../journal/events.ts';
import type { Objects } from '../../journal/objects.ts';

/** Most of a diff that the journal carries, characters; the whole text is in the object store. */
const MOST = 4000;

/** The event for a program.md that differs from the one journaled last, or null. The text is stored under its hash; the first has no diff. */
export function programChange(
  events: readonly RunEvent[],
  text: string,
  cycle: number,
  objects: Objects,
): RalphEvent | null {
  const hash = objects.put(text);
  const last = events.findLast((event) => event.type === 'program.changed');
  if (last?.sha256 === hash) return null;
  const diff = last === undefined ? '' : diffLines(read(objects, last.sha256), text);
  return {
    type: 'program.changed',
    cycle,
    sha256: hash,
    diff: diff.length > MOST ? `${diff.slice(0, MOST)}\n(cut)` : diff,
  };
}

/** The program.md that was journaled last, which may be gone or edited since; empty before the first. Throws RalphError without its object. */
export function programText(events: readonly RunEvent[], objects: Pick<Objects, 'get'>): string {
  const last = events.findLast((event) => event.type === 'program.changed');
  return last === undefined ? '' : objects.get(last.sha256).toString('utf8');
}

/** Lines taken away (`-`) and added (`+`), unchanged lines left out; empty when equal. */
export function diffLines(before: string, after: string): string {
  return diffArrays(before.split('\n'), after.split('\n'))
    .flatMap(({ value, added, removed }) =>
      added || removed ? value.map((line) => `${added ? '+' : '-'}${line}`) : [],
    )
    .join('\n');
}

function read(objects: Objects, name: string): string {
  // A lost object must not stop the run; the diff then shows the whole new text.
  return attempt(() => objects.get(name).toString('utf8')) ?? '';
}
