import { type ForStatement, type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isBinaryExpression,
  isIdentifier,
  isNumericLiteral,
  isPostfixUnaryExpression,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isVariableDeclarationList,
} from 'typescript/unstable/ast/is';
import { everyChild } from '../children.ts';

/** A variable that counts through a window: it is a whole number from `from` up to the last place. */
export interface Counter {
  readonly name: string;
  readonly from: number;
}

/** The counter of `for (let i = 1; i < window.length; i++)`, which nothing in the loop writes to; undefined for any other loop. */
export function counterOf(loop: ForStatement, isWindow: (node: Node) => boolean): Counter | undefined {
  const { initializer, condition, incrementor, statement } = loop;
  if (!initializer || !isVariableDeclarationList(initializer) || initializer.declarations.length !== 1)
    return undefined;
  const [{ name, initializer: first }] = initializer.declarations;
  if (!isIdentifier(name) || !first || !isNumericLiteral(first) || !/^\d+$/.test(first.text)) return undefined;
  const isOwn = (node: Node) => isIdentifier(node) && node.text === name.text;
  const ends =
    condition &&
    isBinaryExpression(condition) &&
    condition.operatorToken.kind === SyntaxKind.LessThanToken &&
    isOwn(condition.left) &&
    isPropertyAccessExpression(condition.right) &&
    isWindow(condition.right.expression) &&
    condition.right.name.text === 'length';
  const steps =
    incrementor &&
    (isPostfixUnaryExpression(incrementor) || isPrefixUnaryExpression(incrementor)) &&
    incrementor.operator === SyntaxKind.PlusPlusToken &&
    isOwn(incrementor.operand);
  return ends && steps && onlyRead(statement, name.text) ? { name: name.text, from: Number(first.text) } : undefined;
}

/** Whether a node reads `counter`, or so many places before it that none lies before the window. */
export function isInside(place: Node, counters: readonly Counter[]): boolean {
  if (isIdentifier(place)) return counters.some(({ name }) => name === place.text);
  if (!isBinaryExpression(place) || place.operatorToken.kind !== SyntaxKind.MinusToken) return false;
  const { left, right } = place;
  if (!isIdentifier(left) || !isNumericLiteral(right) || !/^\d+$/.test(right.text)) return false;
  return counters.some(({ name, from }) => name === left.text && Number(right.text) <= from);
}

/** It is neither declared again nor written to. */
function onlyRead(node: Node, name: string): boolean {
  const isOwn = (each: Node | undefined) => each !== undefined && isIdentifier(each) && each.text === name;
  if (isBinaryExpression(node) && isOwn(node.left)) {
    const { kind } = node.operatorToken;
    if (kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment) return false;
  }
  if ((isPrefixUnaryExpression(node) || isPostfixUnaryExpression(node)) && isOwn(node.operand)) return false;
  if (isOwn((node as { name?: Node }).name)) return false;
  return everyChild(node, (child) => onlyRead(child, name));
}
