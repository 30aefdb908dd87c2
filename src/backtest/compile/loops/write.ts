import { type Node, NodeFlags, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isElementAccessExpression,
  isForOfStatement,
  isForStatement,
  isIdentifier,
  isPropertyAccessExpression,
  isReturnStatement,
  isVariableDeclarationList,
} from 'typescript/unstable/ast/is';
import { type Counter, counterOf, isInside } from './counter.ts';
import { type Fold, foldOf } from './folds.ts';

/** How every name of a loop begins. */
export const OWN = 'ralph$';
export const MADE = `${OWN}made`;
export const START = `${OWN}start`;
export const INDEX = `${OWN}i`;
export const OFFSET = `${OWN}o`;
export const LENGTH = `${OWN}n`;
export const LABEL = `${OWN}bar`;
export const COLUMN = `${OWN}x`;

/** One of two bars that are computed side by side: the first and the last place of its window, and what its own variables are called. */
export interface Lane {
  readonly offset: string;
  readonly last: string;
  readonly names: ReadonlySet<string>;
  readonly ending: string;
}

const ALONE: Lane = { offset: OFFSET, last: INDEX, names: new Set(), ending: '' };

interface Writer {
  readonly source: string;
  /** Names of windows, and which column each is of. */
  readonly windows: ReadonlyMap<string, number>;
  readonly put: (value: string) => string;
  readonly lane: Lane;
  known: boolean;
  loops: number;
  /** Counters of the loops around. */
  counters: readonly Counter[];
}

/**
 * The text of a callback's body as the body of a loop: what it returns is put where it belongs, and its windows are read where they lie in
 * their columns. Undefined where a window is used in any other way than by its length, one place of it, a loop over it or a fold.
 */
export function write(
  node: Node,
  source: string,
  windows: ReadonlyMap<string, number>,
  put: (value: string) => string,
  { lane = ALONE, counters = [] }: { readonly lane?: Lane; readonly counters?: readonly Counter[] } = {},
): string | undefined {
  const writer = { source, windows, put, lane, known: true, loops: 0, counters };
  const text = textOf(node, writer, false);
  return writer.known ? oneLine(text) : undefined;
}

/** Without comments and line breaks. A pure callback holds no texts that could look like either. */
export function oneLine(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ').replaceAll(/\s+/g, ' ');
}

/** Statements that may end with their line instead of a semicolon. */
const OPEN_ENDED: readonly SyntaxKind[] = [
  SyntaxKind.VariableStatement,
  SyntaxKind.ExpressionStatement,
  SyntaxKind.BreakStatement,
  SyntaxKind.ContinueStatement,
];

/** `nested`: inside a callback of its own, whose returns are its own. */
function textOf(node: Node, writer: Writer, nested: boolean): string {
  const inner = (each: Node) => textOf(each, writer, nested);
  if (isVariableDeclarationList(node) && !isBlockScoped(node)) writer.known = false;
  if (isReturnStatement(node) && !nested) {
    if (node.expression) return `{ ${writer.put(inner(node.expression))} continue ${LABEL}; }`;
    writer.known = false;
  }
  if (isPropertyAccessExpression(node) && isWindow(node.expression, writer) && node.name.text === 'length') {
    return LENGTH;
  }
  if (isElementAccessExpression(node) && isWindow(node.expression, writer)) {
    const place = node.argumentExpression;
    const checked = isInside(place, writer.counters) ? `(${inner(place)})` : `${OWN}in(${inner(place)})`;
    return `${columnOf(node.expression, writer)}[${writer.lane.offset} + ${checked}]`;
  }
  if (isForOfStatement(node) && isWindow(node.expression, writer)) {
    const { initializer, statement } = node;
    if (!isVariableDeclarationList(initializer)) writer.known = false;
    const at = `${OWN}j${writer.loops++}`;
    const value = `${inner(initializer)} = ${columnOf(node.expression, writer)}[${at}];`;
    const { offset, last } = writer.lane;
    return `for (let ${at} = ${offset}; ${at} <= ${last}; ${at}++) { ${value} ${inner(statement)} }`;
  }
  if (isIdentifier(node) && writer.lane.names.has(node.text)) return `${node.text}${writer.lane.ending}`;
  const fold = foldOf(node, (each) => isWindow(each, writer), OWN);
  if (fold) return folded(fold, writer);
  const counter = isForStatement(node) ? counterOf(node, (each) => isWindow(each, writer)) : undefined;
  const { counters } = writer;
  if (counter) writer.counters = [...counters, counter];
  // Also where a name is declared a second time.
  if (isWindow(node, writer)) writer.known = false;
  const text = joined(node, writer, nested || isArrowFunction(node));
  writer.counters = counters;
  const open = OPEN_ENDED.includes(node.kind) || (isReturnStatement(node) && nested);
  // A second semicolon would part an `if` from its `else`.
  return open && !text.endsWith(';') ? `${text};` : text;
}

/** A loop in a function of its own: it stands in the middle of an expression. */
function folded({ window, names, next, first }: Fold, writer: Writer): string {
  const [sum, value, number] = names;
  const { offset, last } = writer.lane;
  const column = columnOf(window, writer);
  const at = `${OWN}j${writer.loops++}`;
  const numbered = number === undefined ? '' : `let ${number} = ${at} - (${offset});`;
  const then = typeof next === 'string' ? `${next}(${sum}, ${value})` : textOf(next, writer, true);
  const start = first ? `(${textOf(first, writer, true)})` : `${column}[${offset}]`;
  const from = first ? offset : `${offset} + 1`;
  const step = `let ${value} = ${column}[${at}]; ${numbered} ${sum} = (${then});`;
  return `((${sum}) => { for (let ${at} = ${from}; ${at} <= ${last}; ${at}++) { ${step} } return ${sum}; })(${start})`;
}

/** The text of a node, its children written anew. */
function joined(node: Node, writer: Writer, nested: boolean): string {
  let text = '';
  let done = node.getStart();
  node.forEachChild((child) => {
    text += writer.source.slice(done, child.getStart()) + textOf(child, writer, nested);
    done = child.end;
  });
  return text + writer.source.slice(done, node.end);
}

function isWindow(node: Node, { windows }: Writer): boolean {
  return isIdentifier(node) && windows.has(node.text);
}

function columnOf(node: Node, { windows }: Writer): string {
  return `${COLUMN}${isIdentifier(node) ? windows.get(node.text) : undefined}`;
}

function isBlockScoped({ flags }: Node): boolean {
  return (flags & NodeFlags.BlockScoped) !== 0;
}
