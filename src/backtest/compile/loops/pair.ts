import { type ArrowFunction, type Node, type Statement, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isBlock,
  isForOfStatement,
  isForStatement,
  isIdentifier,
  isPropertyAccessExpression,
  isReturnStatement,
  isVariableDeclarationList,
  isVariableStatement,
} from 'typescript/unstable/ast/is';
import { everyChild } from '../children.ts';
import { type Counter, counterOf } from './counter.ts';
import { COLUMN, INDEX, type Lane, LENGTH, MADE, OFFSET, OWN, write } from './write.ts';

/**
 * The body of a rolling callback for bars `INDEX` and `INDEX` + 1 at once: a sum waits for its own last value, and the other bar's is added
 * meanwhile. Each bar does its own arithmetic in its own order. Undefined for a body that does not end with its only return, or with a way out of a
 * loop or a function in it.
 */
export function writePair(
  { body }: ArrowFunction,
  source: string,
  windows: ReadonlyMap<string, number>,
): string | undefined {
  const last = isBlock(body) ? body.statements.at(-1) : undefined;
  if (!isBlock(body) || !last || !isReturnStatement(last) || !last.expression) return undefined;
  const names = new Set(body.statements.flatMap(declaredBy));
  if (!isPlain(body, names)) return undefined;
  const lanes: readonly Lane[] = [
    { offset: OFFSET, last: INDEX, names, ending: `${OWN}a` },
    { offset: `${OFFSET} + 1`, last: `${INDEX} + 1`, names, ending: `${OWN}b` },
  ];
  const twice = (node: Node, of: (text: string, lane: number) => string, counters: readonly Counter[] = []) => {
    const texts = lanes.map((lane) => write(node, source, windows, (value) => value, { lane, counters }));
    return texts.every((text) => text !== undefined) ? texts.map((text, k) => of(text, k)).join(' ') : undefined;
  };
  const written = body.statements.map((statement) => {
    if (statement === last)
      return twice(last.expression!, (text, lane) => `${MADE}[${INDEX}${next(lane)}] = (${text});`);
    return overWindow(statement) ?? twice(statement, (text) => text);
  });
  return written.every((text) => text !== undefined) ? written.join(' ') : undefined;

  /** A loop over a window that both bars go through together. */
  function overWindow(statement: Statement): string | undefined {
    if (isForOfStatement(statement)) {
      const { initializer, expression } = statement;
      const value = variableOf(initializer);
      const column = isIdentifier(expression) ? windows.get(expression.text) : undefined;
      if (value === undefined || column === undefined) return undefined;
      const own = (lane: number) => `${value}${names.has(value) ? lanes[lane].ending : ''}`;
      const first = (lane: number) => `let ${own(lane)} = ${COLUMN}${column}[${OWN}j${next(lane)}];`;
      const inner = twice(statement.statement, (text, lane) => `{ ${first(lane)} ${text} }`);
      return inner && `for (let ${OWN}j = ${OFFSET}; ${OWN}j <= ${INDEX}; ${OWN}j++) { ${inner} }`;
    }
    const counter = isForStatement(statement)
      ? counterOf(statement, (node) => isIdentifier(node) && windows.has(node.text))
      : undefined;
    if (!isForStatement(statement) || !counter || names.has(counter.name)) return undefined;
    const { name, from } = counter;
    const inner = twice(statement.statement, (text) => `{ ${text} }`, [counter]);
    return inner && `for (let ${name} = ${from}; ${name} < ${LENGTH}; ${name}++) { ${inner} }`;
  }
}

function next(lane: number): string {
  return lane === 0 ? '' : ' + 1';
}

function declaredBy(statement: Statement): string[] {
  if (!isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name }) => (isIdentifier(name) ? [name.text] : []));
}

/** The one variable that a loop declares. */
function variableOf(node: Node): string | undefined {
  if (!isVariableDeclarationList(node) || node.declarations.length !== 1) return undefined;
  const [{ name }] = node.declarations;
  return isIdentifier(name) ? name.text : undefined;
}

const NOT_PLAIN: readonly SyntaxKind[] = [
  SyntaxKind.BreakStatement,
  SyntaxKind.ContinueStatement,
  SyntaxKind.ObjectLiteralExpression,
  SyntaxKind.ObjectBindingPattern,
  SyntaxKind.ArrayBindingPattern,
];

/** No way out of a loop, no function of its own, and no property that is called like a variable. */
function isPlain(node: Node, names: ReadonlySet<string>, depth = 0): boolean {
  if (NOT_PLAIN.includes(node.kind) || isArrowFunction(node)) return false;
  if (isReturnStatement(node) && depth > 1) return false;
  if (isPropertyAccessExpression(node) && names.has(node.name.text)) return false;
  return everyChild(node, (child) => isPlain(child, names, depth + 1));
}
