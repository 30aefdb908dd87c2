import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { placeOf } from './place.ts';

/** The only module that a candidate may import. */
const ALLOWED = 'ralph/strategy';

const REFUSED_NAMES: Readonly<Record<string, string>> = {
  eval: 'code from text is refused',
  Function: 'code from text is refused',
  globalThis: 'a strategy has no use for the global object',
  require: `import from '${ALLOWED}' only`,
  Promise: 'a strategy is synchronous',
  Float64Array: 'it is not there; use a plain array',
  Float32Array: 'it is not there; use a plain array',
  ArrayBuffer: 'it is not there; use a plain array',
  DataView: 'it is not there; use a plain array',
  SharedArrayBuffer: 'it is not there',
  Atomics: 'it is not there',
  WeakRef: 'it is not there',
  FinalizationRegistry: 'it is not there',
  Temporal: 'it is not there; seasonal: true gives now.hour and now.weekday',
  Intl: 'it is not there',
};

/** Control characters, changes of direction and halves of characters: what is shown is another text than what is run. */
const HIDDEN = /[^\P{Cc}\t\n\r\v\f]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

/**
 * The import policy, read from the syntax tree: only 'ralph/strategy' is imported, nothing is loaded at run time, no
 * code is made from text, nothing is asynchronous, the type check is not switched off. One line a problem. What slips
 * past it by a trick still runs in the box; this is the readable first line, not the wall.
 */
export function brokenRules(file: SourceFile, source: string): string[] {
  const problems: string[] = [];
  const report = (node: Node, problem: string) => problems.push(`${placeOf(source, node.getStart(file))}: ${problem}`);
  const visit = (node: Node): void => {
    const problem = problemOf(node);
    if (problem) report(node, problem);
    node.forEachChild(visit);
  };
  for (const statement of file.statements) visit(statement);
  for (const match of source.matchAll(/^\s*\/\/\/\s*<\w+|@ts-(?:nocheck|ignore|expect-error)/gm)) {
    problems.push(`${placeOf(source, match.index)}: "${match[0].trim()}" is refused; the file is checked as it stands`);
  }
  for (const { 0: hidden, index } of source.matchAll(HIDDEN)) {
    const code = hidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    problems.push(
      `${placeOf(source, index)}: the character U+${code} is refused: a reader would not see what stands here`,
    );
  }
  return problems;
}

function problemOf(node: Node): string | undefined {
  switch (node.kind) {
    case SyntaxKind.ImportDeclaration:
    case SyntaxKind.ExportDeclaration:
    case SyntaxKind.ExternalModuleReference:
    case SyntaxKind.LiteralType:
      return importProblem(node);
    case SyntaxKind.ImportKeyword:
      return 'import() is refused; import at the top of the file';
    case SyntaxKind.MetaProperty:
      return 'import.meta and new.target are refused';
    case SyntaxKind.ModuleDeclaration:
      return 'declarations of modules and namespaces are refused';
    case SyntaxKind.AwaitExpression:
    case SyntaxKind.AsyncKeyword:
      return 'a strategy is synchronous: async and await are refused';
    case SyntaxKind.DeclareKeyword:
      return 'declare is refused: what is not imported is not there';
    case SyntaxKind.Decorator:
      return 'decorators are refused';
    case SyntaxKind.WithStatement:
      return 'with is refused';
    case SyntaxKind.Identifier:
      return nameProblem(node);
    default:
      return undefined;
  }
}

function importProblem(node: Node): string | undefined {
  if (node.kind === SyntaxKind.LiteralType && node.parent?.kind !== SyntaxKind.ImportType) return undefined;
  let specifier: string | undefined;
  node.forEachChild((child) => {
    if (child.kind === SyntaxKind.StringLiteral) specifier = textOf(child);
  });
  if (specifier === undefined || specifier === ALLOWED) return undefined;
  return `import from '${specifier}' is refused; a strategy imports from '${ALLOWED}' only`;
}

function nameProblem(node: Node): string | undefined {
  const name = textOf(node);
  const rule = Object.hasOwn(REFUSED_NAMES, name) ? REFUSED_NAMES[name] : undefined;
  // `now.require` and `{ eval: 1 }` are names of properties, not the things themselves.
  const parent = node.parent;
  const isProperty =
    (parent?.kind === SyntaxKind.PropertyAccessExpression && (parent as unknown as { name: Node }).name === node) ||
    (parent?.kind === SyntaxKind.PropertyAssignment && (parent as unknown as { name: Node }).name === node);
  return rule && !isProperty ? `${name}: ${rule}` : undefined;
}

function textOf(node: Node): string {
  return (node as unknown as { text: string }).text;
}
