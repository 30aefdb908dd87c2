import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isBindingElement,
  isBlock,
  isCallExpression,
  isIdentifier,
  isImportSpecifier,
  isMethodDeclaration,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isVariableDeclaration,
  isVariableStatement,
} from 'typescript/unstable/ast/is';
import { strategyLiteral } from '../header.ts';
import { GLOBAL_FUNCTIONS, GLOBAL_VALUES, isPureCallback, isPureExpression, type Outside } from './callback.ts';

const CUSTOM: readonly string[] = ['scan', 'map', 'rolling'];
const DECLARATIONS: readonly SyntaxKind[] = [
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.ClassExpression,
  SyntaxKind.EnumDeclaration,
  SyntaxKind.ModuleDeclaration,
];
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
  const { inside, ...outside } = outsideOf(file, names);
  return everyUse(file, file, outside, inside);
}

/** Names by which code could get hold of the file itself, and call its parts with other arguments. */
const HANDLES: readonly string[] = ['module', 'exports', 'require', 'arguments', 'eval', 'globalThis'];

function onlyKnown(node: Node): boolean {
  let known = node.kind !== SyntaxKind.ThisKeyword;
  node.forEachChild((child) => {
    known &&= !(isIdentifier(child) && HANDLES.includes(child.text)) && onlyKnown(child);
  });
  return known;
}

/** How often each name is declared; undefined for an import under another name. */
function countNames(file: SourceFile): Map<string, number> | undefined {
  const names = new Map<string, number>();
  let renamed = false;
  const visit = (node: Node): void => {
    if (isImportSpecifier(node)) {
      renamed ||= node.propertyName !== undefined;
      return;
    }
    if (node.kind === SyntaxKind.NamespaceImport) renamed = true;
    const declares =
      isVariableDeclaration(node) ||
      isParameterDeclaration(node) ||
      isBindingElement(node) ||
      DECLARATIONS.includes(node.kind);
    const { name } = node as { name?: Node };
    if (declares && name && isIdentifier(name)) names.set(name.text, (names.get(name.text) ?? 0) + 1);
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
  return renamed ? undefined : names;
}

/** The body of `indicators`, and what callbacks in it may read. */
interface Inside {
  readonly body: Node;
  readonly outside: Outside;
}

/** Numbers that callbacks may read: constants of the file and of `indicators`, each declared once, and the parameters of `indicators`. */
function outsideOf(file: SourceFile, names: ReadonlyMap<string, number>): Outside & { readonly inside?: Inside } {
  const constants = new Set<string>();
  const found: Outside = { constants, params: undefined };
  const add = (statements: Node, outside: Outside) =>
    statements.forEachChild((statement) => {
      if (!isVariableStatement(statement) || !/^(?:export\s+)?const\b/.test(statement.getText())) return;
      for (const { name, initializer } of statement.declarationList.declarations) {
        const once = isIdentifier(name) && names.get(name.text) === 1;
        if (once && initializer && isNumber(initializer, outside)) constants.add(name.text);
      }
    });
  add(file, found);
  const indicators = indicatorsOf(file);
  const second = indicators?.parameters[1]?.name;
  if (!indicators || !second || !isIdentifier(second)) return found;
  const outside = { constants, params: onlyRead(indicators.body, second.text) ? second.text : undefined };
  if (indicators.body && isBlock(indicators.body)) add(indicators.body, outside);
  return indicators.body ? { ...found, inside: { body: indicators.body, outside } } : found;
}

/** An expression of numbers alone: an object or array could bring code of its own into an addition. */
function isNumber(node: Node, outside: Outside): boolean {
  let plain = isPureExpression(node, outside, NO_SCOPE);
  const visit = (each: Node): void => {
    plain &&= each.kind !== SyntaxKind.ObjectLiteralExpression && each.kind !== SyntaxKind.ArrayLiteralExpression;
    each.forEachChild(visit);
  };
  visit(node);
  return plain;
}

interface Indicators {
  readonly parameters: readonly { readonly name: Node }[];
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
function onlyRead(node: Node | undefined, name: string): boolean {
  let only = true;
  node?.forEachChild((child) => {
    if (isIdentifier(child) && child.text === name) only &&= isPropertyAccessExpression(node);
    else only &&= onlyRead(child, name);
  });
  return only;
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
  let pure = true;
  node.forEachChild((child) => {
    pure &&= everyUse(child, node, outside, inside);
  });
  return pure;
}

function isPureUse(name: string, given: readonly Node[], outside: Outside): boolean {
  const callbacks = name === 'map' ? given : given.slice(1);
  if (callbacks.length === 0 || !callbacks.every((each) => isPureCallback(each, outside))) return false;
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
