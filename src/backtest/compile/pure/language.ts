import { SyntaxKind } from 'typescript/unstable/ast';

/** Names of the language that give the same for the same arguments. A file that gives one of them another meaning has no pure callbacks. */
export const GLOBAL_FUNCTIONS: readonly string[] = ['Math', 'Number', 'isNaN', 'isFinite'];
export const GLOBAL_VALUES: readonly string[] = ['undefined', 'NaN', 'Infinity'];

/** Objects of the language whose own functions and numbers callbacks may use. */
const OBJECTS: Readonly<Record<string, object>> = { Math, Number };

/** What `of.name` is: 'function', 'number', or undefined for what a callback may not use. What is inherited, such as `bind`, could make a function. */
export function kindOfGlobal(of: string, name: string): 'function' | 'number' | undefined {
  if (name === 'random' || !Object.hasOwn(OBJECTS, of) || !Object.hasOwn(OBJECTS[of], name)) return undefined;
  const kind = typeof Reflect.get(OBJECTS[of], name);
  return kind === 'function' || kind === 'number' ? kind : undefined;
}

/**
 * Names that any value inherits. As a property that is read most of them give a function, and as a key of a record the language itself would
 * call what stands there: `valueOf` in an addition.
 */
export const INHERITED: ReadonlySet<string> = new Set(
  [Object, Function, Array, Number, String, Boolean]
    .flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
    .filter((name) => name !== 'length'),
);

/** Methods of arrays that keep nothing anywhere but in the array itself. */
export const METHODS: ReadonlySet<string> = new Set(
  'at concat fill flat includes indexOf lastIndexOf reverse slice toReversed with'.split(' '),
);
/** Those among them whose first argument is a callback. */
export const CALLING: ReadonlySet<string> = new Set(
  'every filter find findIndex findLast findLastIndex map reduce reduceRight some sort toSorted'.split(' '),
);

export const LITERALS: readonly SyntaxKind[] = [
  SyntaxKind.NumericLiteral,
  SyntaxKind.TrueKeyword,
  SyntaxKind.FalseKeyword,
  SyntaxKind.NullKeyword,
];

export const ASSIGNMENTS: readonly SyntaxKind[] = [
  SyntaxKind.EqualsToken,
  SyntaxKind.PlusEqualsToken,
  SyntaxKind.MinusEqualsToken,
  SyntaxKind.AsteriskEqualsToken,
  SyntaxKind.SlashEqualsToken,
];

export const OPERATORS: readonly SyntaxKind[] = [
  ...[SyntaxKind.PlusToken, SyntaxKind.MinusToken, SyntaxKind.AsteriskToken, SyntaxKind.SlashToken],
  ...[SyntaxKind.PercentToken, SyntaxKind.AsteriskAsteriskToken],
  ...[SyntaxKind.LessThanToken, SyntaxKind.LessThanEqualsToken],
  ...[SyntaxKind.GreaterThanToken, SyntaxKind.GreaterThanEqualsToken],
  ...[SyntaxKind.EqualsEqualsEqualsToken, SyntaxKind.ExclamationEqualsEqualsToken],
  ...[SyntaxKind.AmpersandAmpersandToken, SyntaxKind.BarBarToken, SyntaxKind.QuestionQuestionToken],
  ...[SyntaxKind.BarToken, SyntaxKind.AmpersandToken, SyntaxKind.LessThanLessThanToken],
  ...[SyntaxKind.GreaterThanGreaterThanToken, SyntaxKind.GreaterThanGreaterThanGreaterThanToken],
];
