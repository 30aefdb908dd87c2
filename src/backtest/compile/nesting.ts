import type { Node, SourceFile } from 'typescript/unstable/ast';
import { placeOf } from './place.ts';

/** Deeper than any strategy needs; a walk of the tree uses stack for each level. */
const DEEPEST = 500;

/** Where a file is nested deeper than its readers can follow: brackets in brackets, or one long chain of + or dots. */
export function nestedTooDeep(file: SourceFile, source: string): string | undefined {
  let level: Node[] = [...file.statements];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEEPEST) {
      return `${placeOf(source, level[0].end)}: nested deeper than ${DEEPEST} levels; a long chain of + or dots counts as well`;
    }
    const below: Node[] = [];
    for (const node of level) node.forEachChild((child) => void below.push(child));
    level = below;
  }
  return undefined;
}
