import type { Node } from 'typescript/unstable/ast';

/** Whether something holds for every child of a node; asked no further than to the first for which it does not. */
export function everyChild(node: Node, holds: (child: Node) => boolean): boolean {
  return !node.forEachChild((child) => !holds(child));
}
