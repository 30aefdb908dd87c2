import {
  type Expression,
  type Node,
  type ObjectLiteralExpression,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import {
  isCallExpression,
  isExportAssignment,
  isIdentifier,
  isImportDeclaration,
  isMethodDeclaration,
  isNamedImports,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { TIMEFRAMES, type Timeframe } from '../../market/bars.ts';
import type { Axes } from '../../strategy/axes.ts';
import type { Params } from '../../strategy/candidate.ts';
import { nameOf, readParams } from './params.ts';
import { placeOf } from './place.ts';

/** What a strategy file says about itself, read without running it. */
export interface Header {
  readonly family: string;
  readonly hypothesis: string;
  readonly timeframe: Timeframe;
  /** It is shown the hour and the weekday. */
  readonly seasonal: boolean;
  /** It decides on all symbols at once. */
  readonly universe: boolean;
  readonly defaults: Params;
  /** Parameters that are ranges or choices; `defaults` holds their middle. */
  readonly axes: Axes;
}

const MAX_TEXT = 600;
const FUNCTIONS = ['warmup', 'where', 'indicators', 'decide'];
const FLAGS = ['seasonal', 'universe', 'anonymous'];
const KEYS = ['family', 'hypothesis', 'timeframe', ...FLAGS, 'params', ...FUNCTIONS];

/**
 * Reads family, hypothesis, timeframe and params from `export default defineStrategy({ … })`. They must be plain
 * literals: the harness never runs candidate code, and a name that is computed could change after it was judged.
 */
export function readHeader(file: SourceFile, source: string): { header?: Header; problems: string[] } {
  const problems: string[] = [];
  const fail = (node: Node, problem: string) => void problems.push(`${placeOf(source, node.end)}: ${problem}`);
  const literal = strategyLiteral(file);
  if (!literal) return { problems: ['1:1: expected `export default defineStrategy({ … })`, once'] };
  const values = new Map<string, Expression>();
  const seen = new Set<string>();
  for (const property of literal.properties) {
    const key = nameOf((property as { name?: Node }).name);
    // Only what is read here may be there: a computed name, a getter or a spread could say something else at run time.
    const method = isMethodDeclaration(property) || isShorthandPropertyAssignment(property);
    const plain = isPropertyAssignment(property) || (method && FUNCTIONS.includes(key));
    if (!plain || !KEYS.includes(key) || seen.has(key)) {
      fail(
        property,
        `expected each of ${KEYS.join(', ')} once, as a plain property, got ${key || 'something computed'}`,
      );
    }
    seen.add(key);
    if (isPropertyAssignment(property)) values.set(key, property.initializer);
  }
  const fromContract = (name: string) => {
    if (!imports(file, name)) fail(literal, `${name}: expected the one imported from 'ralph/strategy'`);
  };
  fromContract('defineStrategy');
  const text = (key: string): string => {
    const value = values.get(key);
    const read = value && textOf(value);
    // It goes into terminals, tables and commit messages, where a line break or an escape sequence could pose as something else.
    if (read === undefined || read.length > MAX_TEXT || read.trim() === '' || /\p{C}/u.test(read)) {
      fail(
        value ?? literal,
        `${key}: expected a plain string of at most ${MAX_TEXT} characters, one line without control characters`,
      );
    }
    return read ?? '';
  };
  const [family, hypothesis, timeframe] = [text('family'), text('hypothesis'), text('timeframe')];
  const at = (key: string) => values.get(key) ?? literal;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(family)) fail(at('family'), 'family: expected kebab case, trend-ema-cross');
  if (!isTimeframe(timeframe)) {
    fail(at('timeframe'), `timeframe: expected one of ${TIMEFRAMES.join(' ')}, got ${JSON.stringify(timeframe)}`);
    return { problems };
  }
  const flag = (key: string): boolean => {
    const value = values.get(key);
    if (value && value.kind !== SyntaxKind.TrueKeyword && value.kind !== SyntaxKind.FalseKeyword)
      fail(value, `${key}: expected true or false, a plain literal`);
    return value?.kind === SyntaxKind.TrueKeyword;
  };
  const [seasonal, universe, anonymous] = FLAGS.map(flag);
  if (anonymous && !universe) fail(at('anonymous'), 'anonymous: expected only beside universe: true');
  const { defaults, axes } = readParams(values.get('params'), (node, problem) => fail(node ?? literal, problem));
  for (const name of new Set(Object.values(axes).map(({ kind }) => kind))) fromContract(name);
  if (seen.has('where') && Object.keys(axes).length === 0 && problems.length === 0)
    fail(literal, 'where: expected only beside a range(…) or choice(…) under params: there is nothing to tune');
  if (problems.length > 0) return { problems };
  return { header: { family, hypothesis, timeframe, seasonal, universe, defaults, axes }, problems };
}

/** What is handed to `defineStrategy` by the file's one default export; undefined for any other file. */
export function strategyLiteral(file: SourceFile): ObjectLiteralExpression | undefined {
  const exports = file.statements.filter(isExportAssignment);
  const call = exports.length === 1 ? exports[0].expression : undefined;
  if (!call || !isCallExpression(call) || !isIdentifier(call.expression)) return undefined;
  const argument = call.arguments[0];
  if (call.expression.text !== 'defineStrategy' || call.arguments.length !== 1) return undefined;
  return isObjectLiteralExpression(argument) ? argument : undefined;
}

/** The import policy holds already, so that the name can come from one module alone; a second binding is a type error. */
function imports(file: SourceFile, name: string): boolean {
  return file.statements.filter(isImportDeclaration).some(({ importClause }) => {
    const named = importClause?.namedBindings;
    return (
      !!named && isNamedImports(named) && named.elements.some((each) => each.name.text === name && !each.propertyName)
    );
  });
}

function textOf(value: Expression): string | undefined {
  return isStringLiteral(value) || isNoSubstitutionTemplateLiteral(value) ? value.text : undefined;
}

function isTimeframe(text: string): text is Timeframe {
  return (TIMEFRAMES as readonly string[]).includes(text);
}
