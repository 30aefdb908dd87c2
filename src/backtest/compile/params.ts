import { type Expression, type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isIdentifier,
  isNumericLiteral,
  isObjectLiteralExpression,
  isPrefixUnaryExpression,
  isPropertyAssignment,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { messageOf } from '../../base/errors.ts';
import { type Axes, type Axis, choiceAxis, middlesOf, type RangeOptions, rangeAxis } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';

/** The gates move each one both ways; a strategy with more of them fits noise. */
const MAX_PARAMS = 16;
/** The tuner's evaluations fill no space of more dimensions. */
const MAX_AXES = 8;

type Fail = (node: Node | undefined, problem: string) => void;

/** Reads `params` without running it: plain numbers, and the ranges and choices that the harness tunes. */
export function readParams(value: Expression | undefined, fail: Fail): { defaults: Params; axes: Axes } {
  const defaults: Record<string, number> = {};
  const axes: Record<string, Axis> = {};
  if (!value || !isObjectLiteralExpression(value)) {
    fail(value, 'params: expected an object of plain numbers or ranges, { fast: 10, slow: range(20, 200) }');
    return { defaults, axes };
  }
  if (value.properties.length > MAX_PARAMS) {
    fail(value, `params: ${value.properties.length} of them; the limit is ${MAX_PARAMS}`);
    return { defaults, axes };
  }
  for (const property of value.properties) {
    const name = isPropertyAssignment(property) ? nameOf(property.name) : '';
    const initializer = isPropertyAssignment(property) ? property.initializer : undefined;
    if (!initializer || !/^[a-zA-Z][a-zA-Z0-9]{0,39}$/.test(name)) {
      fail(property, `params.${name}: expected a name of letters and digits and a plain number`);
      continue;
    }
    try {
      const axis = axisOf(initializer);
      const number = numberOf(initializer);
      if (axis) axes[name] = axis;
      else if (number !== undefined) defaults[name] = number;
      else
        fail(
          property,
          `params.${name}: expected a name of letters and digits and a plain number, range(from, to) or choice(a, b)`,
        );
    } catch (cause) {
      fail(property, `params.${name}: ${messageOf(cause)}`);
    }
  }
  const many = Object.keys(axes).length;
  if (many > MAX_AXES) fail(value, `params: ${many} ranges and choices; the limit is ${MAX_AXES}: more fit noise`);
  const middles = middlesOf(axes);
  // In the order of the file.
  const names = value.properties.flatMap((each) => (isPropertyAssignment(each) ? [nameOf(each.name)] : []));
  const ordered = names.map((name) => [name, defaults[name] ?? middles[name]] as const);
  return { defaults: Object.fromEntries(ordered), axes };
}

/** The axis that `range(…)` or `choice(…)` says; undefined for another expression. Throws RangeError for a wrong one. */
function axisOf(value: Expression): Axis | undefined {
  if (!isCallExpression(value) || !isIdentifier(value.expression)) return undefined;
  const { text } = value.expression;
  if (text !== 'range' && text !== 'choice') return undefined;
  const last = value.arguments.at(-1);
  const options = text === 'range' && last && isObjectLiteralExpression(last) ? last : undefined;
  const numbers = value.arguments.filter((each) => each !== options).map(numberOf);
  if (numbers.some((each) => each === undefined)) throw new RangeError(`${text}: expected plain numbers`);
  if (text === 'choice') return choiceAxis(numbers as number[]);
  if (numbers.length !== 2) throw new RangeError('range: expected two ends, range(5, 40), and options after them');
  const [from, to] = numbers as [number, number];
  return rangeAxis(from, to, options ? optionsOf(options) : {});
}

/** `{ log: true, step: .25 }` as plain literals. */
function optionsOf(literal: Node): RangeOptions {
  const options: { step?: number; log?: boolean } = {};
  literal.forEachChild((property) => {
    const name = isPropertyAssignment(property) ? nameOf(property.name) : '';
    const value = isPropertyAssignment(property) ? property.initializer : undefined;
    if (name === 'step' && value && numberOf(value) !== undefined) options.step = numberOf(value);
    else if (name === 'log' && value?.kind === SyntaxKind.TrueKeyword) options.log = true;
    else if (name === 'log' && value?.kind === SyntaxKind.FalseKeyword) options.log = false;
    else throw new RangeError('range: its options are plain literals: { step: .25, log: true }');
  });
  return options;
}

function numberOf(value: Expression): number | undefined {
  if (isNumericLiteral(value)) return finite(Number(value.text.replaceAll('_', '')));
  if (!isPrefixUnaryExpression(value) || value.operator !== SyntaxKind.MinusToken) return undefined;
  const positive = numberOf(value.operand as Expression);
  return positive === undefined ? undefined : -positive;
}

function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

/** The name of a property; empty for one that is computed. */
export function nameOf(name: Node | undefined): string {
  return name && (isIdentifier(name) || isStringLiteral(name)) ? name.text : '';
}
