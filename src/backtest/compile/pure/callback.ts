import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrayBindingPattern,
  isArrayLiteralExpression,
  isArrowFunction,
  isAsExpression,
  isBinaryExpression,
  isBindingElement,
  isBlock,
  isCallExpression,
  isConditionalExpression,
  isElementAccessExpression,
  isExpressionStatement,
  isForOfStatement,
  isForStatement,
  isIdentifier,
  isIfStatement,
  isNonNullExpression,
  isObjectBindingPattern,
  isObjectLiteralExpression,
  isParenthesizedExpression,
  isPostfixUnaryExpression,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isReturnStatement,
  isShorthandPropertyAssignment,
  isSpreadAssignment,
  isSpreadElement,
  isVariableDeclarationList,
  isVariableStatement,
  isWhileStatement,
} from 'typescript/unstable/ast/is';
import {
  ASSIGNMENTS,
  CALLING,
  GLOBAL_FUNCTIONS,
  GLOBAL_VALUES,
  INHERITED,
  kindOfGlobal,
  LITERALS,
  METHODS,
  OPERATORS,
} from './language.ts';

/** What a callback may read of the code around it. */
export interface Outside {
  /** Constants that are numbers. */
  readonly constants: ReadonlySet<string>;
  /** The parameters of the candidate, whose properties are numbers. */
  readonly params: string | undefined;
}

type Scope = ReadonlySet<string>;

/**
 * Whether a callback provably gives the same for the same arguments and changes nothing but its own variables: it reads its arguments, its
 * variables and numbers, calls Math and methods of arrays, and assigns to its own variables alone. Then a value of its indicator owes nothing
 * to any bar but those it was handed. What is not known here makes it false, which costs time and never safety.
 */
export function isPureCallback(node: Node, outside: Outside, around: Scope = new Set()): boolean {
  if (!isArrowFunction(node) || hasModifier(node)) return false;
  const scope = new Set(around);
  for (const { name, initializer } of node.parameters) {
    if (!bind(name, scope)) return false;
    if (initializer && !isPureExpression(initializer, outside, scope)) return false;
  }
  return isBlock(node.body) ? isPureBlock(node.body, outside, scope) : isPureExpression(node.body, outside, scope);
}

/** Whether an expression reads numbers, arguments and own variables alone, and calls nothing but what isPureCall lets pass. */
export function isPureExpression(node: Node, outside: Outside, scope: Scope): boolean {
  const pure = (each: Node) => isPureExpression(each, outside, scope);
  if (LITERALS.includes(node.kind)) return true;
  if (isIdentifier(node)) {
    return scope.has(node.text) || outside.constants.has(node.text) || GLOBAL_VALUES.includes(node.text);
  }
  if (isParenthesizedExpression(node) || isAsExpression(node) || isNonNullExpression(node))
    return pure(node.expression);
  if (isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    if (ASSIGNMENTS.includes(kind)) return isOwn(node.left, scope) && pure(node.right);
    return OPERATORS.includes(kind) && pure(node.left) && pure(node.right);
  }
  if (isPrefixUnaryExpression(node) || isPostfixUnaryExpression(node)) {
    const steps = node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken;
    return steps ? isOwn(node.operand, scope) : pure(node.operand);
  }
  if (isConditionalExpression(node)) return pure(node.condition) && pure(node.whenTrue) && pure(node.whenFalse);
  if (isPropertyAccessExpression(node)) {
    const { expression, name } = node;
    if (INHERITED.has(name.text)) return false;
    if (!isIdentifier(expression) || scope.has(expression.text)) return pure(expression);
    return expression.text === outside.params || kindOfGlobal(expression.text, name.text) === 'number';
  }
  if (isElementAccessExpression(node)) return pure(node.expression) && pure(node.argumentExpression);
  if (isArrayLiteralExpression(node))
    return node.elements.every((each) => pure(isSpreadElement(each) ? each.expression : each));
  if (isObjectLiteralExpression(node)) {
    return node.properties.every((property) => {
      if (isShorthandPropertyAssignment(property)) return isPlainKey(property.name) && pure(property.name);
      if (isSpreadAssignment(property)) return pure(property.expression);
      return isPropertyAssignment(property) && isPlainKey(property.name) && pure(property.initializer);
    });
  }
  return isCallExpression(node) && isPureCall(node, outside, scope);
}

/**
 * Functions reach a callback by ways that are not seen here, such as `list[key]`. None of them is called: what is called is a function of the
 * language by its name, or an arrow function where it is written.
 */
function isPureCall(
  node: Node & { expression: Node; arguments: readonly Node[] },
  outside: Outside,
  scope: Scope,
): boolean {
  const { expression: callee, arguments: given } = node;
  const arePure = (all: readonly Node[]) =>
    all.every((each) => isPureExpression(isSpreadElement(each) ? each.expression : each, outside, scope));
  if (isIdentifier(callee)) return GLOBAL_FUNCTIONS.includes(callee.text) && !scope.has(callee.text) && arePure(given);
  if (!isPropertyAccessExpression(callee)) return false;
  const { expression: of, name } = callee;
  if (isIdentifier(of) && !scope.has(of.text)) return kindOfGlobal(of.text, name.text) === 'function' && arePure(given);
  if (!isPureExpression(of, outside, scope)) return false;
  if (!CALLING.has(name.text)) return METHODS.has(name.text) && arePure(given);
  const [callback, ...others] = given;
  return (callback === undefined || isPureCallback(callback, outside, scope)) && arePure(others);
}

function isPureBlock(block: Node, outside: Outside, around: Scope): boolean {
  const scope = new Set(around);
  const statements: Node[] = [];
  block.forEachChild((statement) => void statements.push(statement));
  // A variable stands in its whole block, also before its line.
  for (const statement of statements) {
    if (isVariableStatement(statement) && !bindAll(statement.declarationList, scope)) return false;
  }
  return statements.every((statement) => isPureStatement(statement, outside, scope));
}

function isPureStatement(node: Node, outside: Outside, scope: Scope): boolean {
  const pure = (each: Node | undefined) => each === undefined || isPureExpression(each, outside, scope);
  if (isBlock(node)) return isPureBlock(node, outside, scope);
  if (isVariableStatement(node)) return node.declarationList.declarations.every(({ initializer }) => pure(initializer));
  if (isExpressionStatement(node)) return pure(node.expression);
  if (isReturnStatement(node)) return pure(node.expression);
  if (isIfStatement(node)) {
    const branches = [node.thenStatement, ...(node.elseStatement ? [node.elseStatement] : [])];
    return pure(node.expression) && branches.every((each) => isPureStatement(each, outside, scope));
  }
  if (isWhileStatement(node)) return pure(node.expression) && isPureStatement(node.statement, outside, scope);
  if (isForStatement(node) || isForOfStatement(node)) {
    const inner = new Set(scope);
    const { initializer } = node;
    if (initializer && isVariableDeclarationList(initializer)) {
      if (!bindAll(initializer, inner)) return false;
      if (
        !initializer.declarations.every(
          (each) => !each.initializer || isPureExpression(each.initializer, outside, inner),
        )
      )
        return false;
    } else if (initializer) return false;
    const heads = isForStatement(node) ? [node.condition, node.incrementor] : [node.expression];
    return (
      heads.every((each) => !each || isPureExpression(each, outside, inner)) &&
      isPureStatement(node.statement, outside, inner)
    );
  }
  return [SyntaxKind.BreakStatement, SyntaxKind.ContinueStatement, SyntaxKind.EmptyStatement].includes(node.kind);
}

function bindAll({ declarations }: { readonly declarations: readonly { name: Node }[] }, scope: Set<string>): boolean {
  return declarations.every(({ name }) => bind(name, scope));
}

/** Adds the names that a declaration makes; false for a pattern with defaults or keys that are worked out. */
function bind(name: Node, scope: Set<string>): boolean {
  if (isIdentifier(name)) return !!scope.add(name.text);
  if (!isObjectBindingPattern(name) && !isArrayBindingPattern(name)) return false;
  return name.elements.every((element) => {
    if (!isBindingElement(element)) return true;
    const { propertyName, initializer } = element;
    return (
      !initializer &&
      (!propertyName || isIdentifier(propertyName)) &&
      element.name !== undefined &&
      bind(element.name, scope)
    );
  });
}

/** A variable of the callback itself: nothing else is assigned to. */
function isOwn(node: Node, scope: Scope): boolean {
  return isIdentifier(node) && scope.has(node.text);
}

/** A key that means nothing to the language. */
function isPlainKey(name: Node): boolean {
  return isIdentifier(name) && !INHERITED.has(name.text);
}

function hasModifier(node: Node): boolean {
  const { modifiers } = node as { modifiers?: readonly unknown[] };
  return modifiers !== undefined && modifiers.length > 0;
}
