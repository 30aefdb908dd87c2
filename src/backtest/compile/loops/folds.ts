import type { Expression, Node } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isBlock,
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isSpreadElement,
} from 'typescript/unstable/ast/is';

/** A window that is folded into one value. */
export interface Fold {
  readonly window: Node;
  /** Names of the value so far, of one place of the window, and of its number. */
  readonly names: readonly string[];
  /** What the next value is: an expression of these names, or the function of Math that is called with them. */
  readonly next: Expression | 'Math.max' | 'Math.min';
  /** The first value; the first place of the window where there is none. */
  readonly first: Expression | undefined;
}

const EXTREMES: readonly string[] = ['max', 'min'];

/** `w.reduce((sum, x) => sum + x, 0)`, `Math.max(...w)` or `Math.min(...w)`; undefined for anything else. */
export function foldOf(node: Node, isWindow: (node: Node) => boolean, own: string): Fold | undefined {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return undefined;
  const { expression: of, name } = node.expression;
  const [given, first, ...others] = node.arguments;
  if (!given || others.length > 0) return undefined;
  if (isIdentifier(of) && of.text === 'Math' && EXTREMES.includes(name.text)) {
    if (first || !isSpreadElement(given) || !isWindow(given.expression)) return undefined;
    const next = name.text === 'max' ? 'Math.max' : 'Math.min';
    return { window: given.expression, names: [`${own}m`, `${own}v`], next, first };
  }
  if (!isWindow(of) || name.text !== 'reduce' || !isArrowFunction(given) || isBlock(given.body)) return undefined;
  const names: string[] = [];
  for (const { name: each, initializer, dotDotDotToken } of given.parameters) {
    if (!isIdentifier(each) || initializer || dotDotDotToken || isWindow(each)) return undefined;
    names.push(each.text);
  }
  return names.length < 2 || names.length > 3 ? undefined : { window: of, names, next: given.body, first };
}
