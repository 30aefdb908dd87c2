import { type Expression, type Node, type SourceFile, type Statement, SyntaxKind } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isExportAssignment,
  isFunctionDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isObjectLiteralExpression,
  isPrefixUnaryExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isVariableStatement,
} from 'typescript/unstable/ast/is';
import { everyChild } from './children.ts';

/**
 * Whether a strategy file provably keeps nothing between two simulations, so that one evaluation of it may serve many, and the memory
 * of one's indicators the next one's: at its top stand only imports, types, constants that are plain literals, helper functions that are
 * never used but by calling them, and the strategy, whose properties are literals and functions. Whatever else there is makes it false,
 * which costs time and never safety.
 */
export function isStateless(file: SourceFile): boolean {
  const helpers = new Set<string>();
  for (const statement of file.statements) if (!keepsNothing(statement, helpers)) return false;
  return file.statements.every((statement) => onlyCalls(statement, helpers));
}

const TYPES: readonly SyntaxKind[] = [
  SyntaxKind.ImportDeclaration,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.EmptyStatement,
];

function keepsNothing(statement: Statement, helpers: Set<string>): boolean {
  if (TYPES.includes(statement.kind)) return true;
  if (isFunctionDeclaration(statement)) {
    return statement.name && !isGenerator(statement) ? !!helpers.add(statement.name.text) : false;
  }
  if (isVariableStatement(statement)) {
    if (!/^(?:export\s+)?const\b/.test(statement.getText())) return false;
    return statement.declarationList.declarations.every(({ name, initializer }) => {
      if (!isIdentifier(name) || !initializer) return false;
      // A function expression with a name of its own could hang things on itself by that name.
      if (isFunctionLike(initializer)) return !hasName(initializer) && !!helpers.add(name.text);
      return isLiteral(initializer);
    });
  }
  return isExportAssignment(statement) && strategyKeepsNothing(statement.expression);
}

function strategyKeepsNothing(expression: Expression): boolean {
  if (!isCallExpression(expression)) return false;
  const [literal] = expression.arguments;
  if (!isObjectLiteralExpression(literal)) return false;
  return literal.properties.every((property) => {
    if (isMethodDeclaration(property) || isShorthandPropertyAssignment(property)) return true;
    if (!isPropertyAssignment(property)) return false;
    const value = property.initializer;
    return isFunctionLike(value) || isLiteral(value) || (isObjectLiteralExpression(value) && flat(value));
  });
}

function flat(literal: Node): boolean {
  return everyChild(
    literal,
    (property) => isPropertyAssignment(property) && (isLiteral(property.initializer) || isAxis(property.initializer)),
  );
}

/** `range(…)` or `choice(…)` of the contract, whose arguments the header has read as literals: it gives a number. */
function isAxis(value: Node): boolean {
  return isCallExpression(value) && isIdentifier(value.expression) && AXES.includes(value.expression.text);
}

const AXES = ['range', 'choice'];

/** A helper that is only called cannot be given properties, and is never handed to anybody who could. */
function onlyCalls(node: Node, helpers: ReadonlySet<string>): boolean {
  return everyChild(node, (child) =>
    isIdentifier(child) && helpers.has(child.text) ? isNameOrCallee(child, node) : onlyCalls(child, helpers),
  );
}

function isNameOrCallee(name: Node, parent: Node): boolean {
  if (isCallExpression(parent)) return parent.expression === name;
  if (parent.kind === SyntaxKind.FunctionDeclaration || parent.kind === SyntaxKind.VariableDeclaration) {
    return (parent as unknown as { name: Node }).name === name;
  }
  // `decide,` of the strategy itself, which is hardened with all it holds; any other object would hand the helper on.
  if (isShorthandPropertyAssignment(parent)) return isOfStrategy(parent);
  // A property's name is no reference.
  return parent.kind === SyntaxKind.PropertyAccessExpression && (parent as unknown as { name: Node }).name === name;
}

function isOfStrategy(property: Node): boolean {
  const call = property.parent?.parent;
  return call !== undefined && isCallExpression(call) && isExportAssignment(call.parent);
}

function isFunctionLike(node: Node): boolean {
  return (node.kind === SyntaxKind.ArrowFunction || node.kind === SyntaxKind.FunctionExpression) && !isGenerator(node);
}

/** What a generator returns inherits from an object of the generator's own, which stays from call to call. */
function isGenerator(node: Node): boolean {
  return (node as { asteriskToken?: Node }).asteriskToken !== undefined;
}

function hasName(node: Node): boolean {
  return (node as { name?: Node }).name !== undefined;
}

function isLiteral(node: Node): boolean {
  if (isPrefixUnaryExpression(node)) return isLiteral(node.operand);
  return (
    node.kind === SyntaxKind.NumericLiteral ||
    node.kind === SyntaxKind.StringLiteral ||
    node.kind === SyntaxKind.NoSubstitutionTemplateLiteral ||
    node.kind === SyntaxKind.TrueKeyword ||
    node.kind === SyntaxKind.FalseKeyword
  );
}
