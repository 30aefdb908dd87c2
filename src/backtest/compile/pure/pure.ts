import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isBinaryExpression,
  isBindingElement,
  isBlock,
  isCallExpression,
  isElementAccessExpression,
  isForInStatement,
  isForOfStatement,
  isIdentifier,
  isImportClause,
  isImportSpecifier,
  isMethodDeclaration,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isPostfixUnaryExpression,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isVariableDeclaration,
  isVariableDeclarationList,
  isVariableStatement,
} from 'typescript/unstable/ast/is';
import { everyChild } from '../children.ts';
import { strategyLiteral } from '../header.ts';
import { isPureCallback, isPureExpression, type Outside } from './callback.ts';
import { GLOBAL_FUNCTIONS, GLOBAL_VALUES } from './language.ts';

const CUSTOM: readonly string[] = ['scan', 'map', 'rolling'];
const DECLARATIONS: readonly SyntaxKind[] = [
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.ClassExpression,
];
/** `this` is a handle like those below; inside an enum a name may be one of its members, which can be changed. */
const UNKNOWN: readonly SyntaxKind[] = [
  SyntaxKind.ThisKeyword,
  SyntaxKind.EnumDeclaration,
  SyntaxKind.ModuleDeclaration,
];
/** Imports of all names at once. */
const WHOLE: readonly SyntaxKind[] = [SyntaxKind.NamespaceImport, SyntaxKind.ImportEqualsDeclaration];
const NO_SCOPE: ReadonlySet<string> = new Set();

/**
 * Whether every custom indicator of a file has pure callbacks (see isPureCallback) and begins from numbers: then none of its values can owe
 * anything to a later bar, and there is nothing to be proven while it is evaluated. False where a use of `scan`, `map` or `rolling`
 * is anything but a plain call with the callback written in it.
 */
export function hasPureCustoms(file: SourceFile): boolean {
  const names = countNames(file);
  if (names === undefined || [...CUSTOM, ...GLOBAL_FUNCTIONS, ...GLOBAL_VALUES].some((name) => names.has(name)))
    return false;
  if (!onlyKnown(file)) return false;
  const outside = withConstants(file, { constants: new Set(), params: undefined }, names);
  return everyUse(file, file, outside, insideOf(file, outside, names));
}

/** Names by which code could get hold of the file itself, and call its parts with other arguments. */
const HANDLES: readonly string[] = ['module', 'exports', 'require', 'arguments', 'eval', 'globalThis'];

function onlyKnown(node: Node): boolean {
  if (UNKNOWN.includes(node.kind)) return false;
  return everyChild(node, (child) => !(isIdentifier(child) && HANDLES.includes(child.text)) && onlyKnown(child));
}

/** How often each name is declared or assigned to; undefined where scan, map and rolling may be had by another name. */
function countNames(file: SourceFile): Map<string, number> | undefined {
  const names = new Map<string, number>();
  const count = (name: string) => void names.set(name, (names.get(name) ?? 0) + 1);
  let renamed = false;
  const visit = (node: Node): void => {
    if (isImportSpecifier(node)) {
      renamed ||= node.propertyName !== undefined;
      return;
    }
    if (WHOLE.includes(node.kind) || (isImportClause(node) && node.name)) renamed = true;
    const declares =
      isVariableDeclaration(node) ||
      isParameterDeclaration(node) ||
      isBindingElement(node) ||
      DECLARATIONS.includes(node.kind);
    const { name } = node as { name?: Node };
    if (declares && name && isIdentifier(name)) count(name.text);
    const target = targetOf(node);
    if (target) eachAssigned(target, count);
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  return renamed ? undefined : names;
}

/** What a node writes to: a variable, a property, or a pattern of them. */
function targetOf(node: Node): Node | undefined {
  if (isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment ? node.left : undefined;
  }
  if (isPrefixUnaryExpression(node) || isPostfixUnaryExpression(node)) {
    const { operator } = node;
    return operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken ? node.operand : undefined;
  }
  const loop = isForOfStatement(node) || isForInStatement(node);
  return loop && !isVariableDeclarationList(node.initializer) ? node.initializer : undefined;
}

function eachAssigned(target: Node, visit: (name: string) => void): void {
  if (isIdentifier(target)) visit(target.text);
  else if (!isPropertyAccessExpression(target) && !isElementAccessExpression(target))
    target.forEachChild((child) => eachAssigned(child, visit));
}

/** Adds to what callbacks may read the constants among these statements that are numbers, each declared once in the file. */
function withConstants(statements: Node, outside: Outside, names: ReadonlyMap<string, number>): Outside {
  const constants = new Set(outside.constants);
  const found = { ...outside, constants };
  statements.forEachChild((statement) => {
    if (!isVariableStatement(statement) || !/^(?:export\s+)?const\b/.test(statement.getText())) return;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const once = isIdentifier(name) && names.get(name.text) === 1;
      if (once && initializer && isNumber(initializer, found)) constants.add(name.text);
    }
  });
  return found;
}

/** The body of `indicators`, and what callbacks in it may read. */
interface Inside {
  readonly body: Node;
  readonly outside: Outside;
}

/** In `indicators` callbacks may also read its parameters and its constants. */
function insideOf(file: SourceFile, around: Outside, names: ReadonlyMap<string, number>): Inside | undefined {
  const { parameters = [], body } = indicatorsOf(file) ?? {};
  if (!body) return undefined;
  const [series, own, ...others] = parameters;
  const name = own && isIdentifier(own.name) && others.length === 0 ? own.name.text : undefined;
  const params = name !== undefined && [series, body].every((each) => onlyRead(each, name)) ? name : undefined;
  const outside = { ...around, params };
  return { body, outside: isBlock(body) ? withConstants(body, outside, names) : outside };
}

/** An expression of numbers alone: an object or array could bring code of its own into an addition. */
function isNumber(node: Node, outside: Outside): boolean {
  const plain = ({ kind }: Node) =>
    kind !== SyntaxKind.ObjectLiteralExpression && kind !== SyntaxKind.ArrayLiteralExpression;
  const allPlain = (each: Node): boolean => plain(each) && everyChild(each, allPlain);
  return isPureExpression(node, outside, NO_SCOPE) && allPlain(node);
}

interface Indicators {
  readonly parameters: readonly (Node & { readonly name: Node })[];
  readonly body?: Node;
}

/** The function written as `indicators` of the strategy. */
function indicatorsOf(file: SourceFile): Indicators | undefined {
  for (const property of strategyLiteral(file)?.properties ?? []) {
    const { name } = property as { name?: Node };
    if (!name || !isIdentifier(name) || name.text !== 'indicators') continue;
    if (isMethodDeclaration(property)) return property;
    if (isPropertyAssignment(property) && isArrowFunction(property.initializer)) return property.initializer;
  }
  return undefined;
}

/** Whether a name stands in a tree for nothing but an object whose properties are read: it is neither declared again nor assigned to. */
function onlyRead(node: Node, name: string): boolean {
  return everyChild(node, (child) =>
    isIdentifier(child) && child.text === name ? isPropertyAccessExpression(node) : onlyRead(child, name),
  );
}

function everyUse(node: Node, parent: Node, around: Outside, inside: Inside | undefined): boolean {
  const outside = node === inside?.body ? inside.outside : around;
  if (node.kind === SyntaxKind.ImportDeclaration) return true;
  if (isIdentifier(node) && CUSTOM.includes(node.text)) {
    // A property's name is no use: `window.map(…)`.
    if (isPropertyAccessExpression(parent) && parent.name === node) return true;
    if (isPropertyAssignment(parent) && parent.name === node) return true;
    return isCallExpression(parent) && parent.expression === node && isPureUse(node.text, parent.arguments, outside);
  }
  return everyChild(node, (child) => everyUse(child, node, outside, inside));
}

function isPureUse(name: string, given: readonly Node[], outside: Outside): boolean {
  const callbacks = name === 'map' ? given : given.slice(1);
  // A further argument would be taken for a loop that the harness wrote.
  const most = name === 'scan' ? 2 : 1;
  if (callbacks.length === 0 || callbacks.length > most) return false;
  if (!callbacks.every((each) => isPureCallback(each, outside))) return false;
  return name !== 'scan' || isStart(given[0], outside);
}

/** What a scan begins with: a number, or a record of numbers, which is frozen. */
function isStart(init: Node, outside: Outside): boolean {
  if (!isObjectLiteralExpression(init)) return isNumber(init, outside);
  return init.properties.every(
    (property) =>
      isPropertyAssignment(property) && isIdentifier(property.name) && isNumber(property.initializer, outside),
  );
}
