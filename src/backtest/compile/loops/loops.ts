import type { Node, SourceFile } from 'typescript/unstable/ast';
import { isArrowFunction, isCallExpression, isIdentifier } from 'typescript/unstable/ast/is';
import type { Insertion } from './insert.ts';
import { mapLoop, rollingLoop, scanLoop } from './shapes.ts';
import { OWN } from './write.ts';

/**
 * For a file whose custom indicators have pure callbacks (see hasPureCustoms): each callback of known shape once more as a loop over whole columns,
 * as a further argument beside it. The loop does the arithmetic of the callback in its order, so that it makes the same numbers; what it
 * saves is a call and a copy of the window a bar.
 */
export function loopsOf(file: SourceFile, source: string): Insertion[] {
  // A name of the loop must not be one of the file.
  if (source.includes(OWN)) return [];
  const found: Insertion[] = [];
  const visit = (node: Node): void => {
    if (isCallExpression(node) && isIdentifier(node.expression)) {
      const text = loopOf(node.expression.text, node.arguments, source);
      if (text) found.push({ at: node.arguments.at(-1)!.end, text });
    }
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  return found;
}

function loopOf(name: string, given: readonly Node[], source: string): string | undefined {
  const callbacks = (name === 'map' ? given : given.slice(1)).filter(isArrowFunction);
  const [first, second] = callbacks;
  if (name === 'map' && given.length === 1 && first) return argument(mapLoop(first, source));
  if (name === 'rolling' && given.length === 2 && first) return argument(rollingLoop(first, source));
  if (name !== 'scan' || !first || callbacks.length !== given.length - 1 || given.length > 3) return undefined;
  return argument(scanLoop(first, second, source), given.length === 2 ? 'undefined, ' : '');
}

function argument(loop: string | undefined, before = ''): string | undefined {
  return loop && `, ${before}${loop}`;
}
