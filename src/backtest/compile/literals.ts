import { type Expression, type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrayLiteralExpression,
  isBigIntLiteral,
  isCallExpression,
  isIdentifier,
  isImportDeclaration,
  isNumericLiteral,
  isPropertyAssignment,
} from 'typescript/unstable/ast/is';
import { DAY, type Range } from '../../market/bars.ts';
import { strategyLiteral } from './header.ts';
import { nameOf } from './params.ts';
import { placeOf } from './place.ts';

/** A file that holds more than this is a table of what has been rather than a rule. */
const MOST = 40;
/** Significant digits of a number, and letters of a text, that count as one number: longer ones may be packed tables. */
const DIGITS = 6;
const LETTERS = 12;
/** Letters of all different names in a file that hold nothing: a name can be read while the file runs. Far above what a rule needs. */
const NAMES = 600;
/** No function of the contract takes more arguments. */
const ARGUMENTS = 6;

/** A constant as the file writes it, and where it ends. */
export interface Literal {
  readonly text: string;
  readonly end: number;
  /** How many numbers it counts as. */
  readonly count: number;
}

/**
 * Each number of the file, and whatever else could hold a table: texts outside of the header, true and false, names in a list, very many names. A range of the
 * strategy's `params` counts once, whatever its ends and step; a choice counts as many as it names.
 */
export function literalsIn(file: SourceFile): Literal[] {
  const found: { text: string; end: number; count: number }[] = [];
  const [params] = headerValues(file, ['params']);
  const spoken = headerValues(file, ['family', 'hypothesis', 'timeframe', 'seasonal', 'universe', 'anonymous']);
  const texts = new Set<string>();
  const names = new Map<string, number>();
  const visit = (node: Node): void => {
    if (isImportDeclaration(node) || spoken.includes(node)) return;
    const text = (node as { text?: string }).text ?? '';
    const count = countOf(node, text, isListed(node), texts.has(text));
    if (count > 0) found.push({ text, end: node.end, count });
    if (TEXTS.has(node.kind)) texts.add(text);
    if (isName(node) || (TEXTS.has(node.kind) && count === 0)) names.set(text, node.end);
    const before = found.length;
    node.forEachChild(visit);
    if (params && isRange(node) && node.parent.parent === params) {
      for (const rest of found.slice(before + 1)) rest.count = 0;
    }
  };
  for (const statement of file.statements) visit(statement);
  const beyond = [...names.keys()].reduce((sum, name) => sum + name.length, 0) - NAMES;
  if (beyond > 0) found.push({ text: '', end: [...names.values()].at(-1)!, count: Math.ceil(beyond / LETTERS) });
  return found;
}

function isName(node: Node): boolean {
  return isIdentifier(node) || node.kind === SyntaxKind.PrivateIdentifier;
}

const TEXTS = new Set<SyntaxKind>([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
]);
/**
 * What a node holds, in numbers. Unless it is `listed`, a text of less than LETTERS is a name and holds nothing, and neither does one that was written
 * before.
 */
function countOf(node: Node, text: string, listed: boolean, known: boolean): number {
  if (isNumericLiteral(node) || isBigIntLiteral(node)) return Math.max(1, Math.ceil(digitsOf(text) / DIGITS));
  if (TEXTS.has(node.kind)) {
    if (listed) return Math.max(1, Math.ceil(text.length / LETTERS));
    return known ? 0 : Math.floor(text.length / LETTERS);
  }
  if (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) return 1;
  return listed && isIdentifier(node) ? 1 : 0;
}

/** Significant digits: neither leading nor closing zeros say anything. */
function digitsOf(text: string): number {
  return text
    .replace(/e.*$/i, '')
    .replaceAll(/\D/g, '')
    .replaceAll(/^0+|0+$/g, '').length;
}

/** Whether a value is one of many under one name: an element, the value of a property, one argument of a long row. */
function isListed(node: Node): boolean {
  const { parent } = node;
  if (isArrayLiteralExpression(parent)) return true;
  if (isPropertyAssignment(parent)) return parent.initializer === node;
  return isCallExpression(parent) && parent.arguments.indexOf(node as Expression) >= ARGUMENTS;
}

/** The values that the strategy's header gives these keys. Only there is a range held to literals and to the contract's own function. */
function headerValues(file: SourceFile, keys: readonly string[]): Node[] {
  const properties = strategyLiteral(file)?.properties.filter(isPropertyAssignment) ?? [];
  return properties.filter(({ name }) => keys.includes(nameOf(name))).map(({ initializer }) => initializer);
}

function isRange(node: Node): boolean {
  return isCallExpression(node) && isIdentifier(node.expression) && node.expression.text === 'range';
}

/** Why the constants of a strategy file are too many to be a rule, or undefined. Those that look like dates are named. */
export function tooManyNumbers(found: readonly Literal[], source: string): string | undefined {
  let total = 0;
  let last = 0;
  for (const { count, end } of found) {
    if (total <= MOST) last = end;
    total += count;
  }
  if (total <= MOST) return undefined;
  const dates = found.map(({ text }) => text).filter((text) => dateOf(Number(text)) !== undefined);
  const named = dates.length > 0 ? `; ${dates.slice(0, 5).join(', ')} look like dates` : '';
  return `${placeOf(source, last)}: ${total} numbers in the file; the limit is ${MOST}, because a table of numbers is memory and no rule (${DIGITS} digits count as one, ${LETTERS} letters of a text, true or false, each name in a list; so do ${LETTERS} letters of names beyond ${NAMES})${named}`;
}

/** Days that a number may stand for, epoch ms: a year, a day such as 20140203, an epoch time in seconds or milliseconds. */
export function dateOf(number: number): Range | undefined {
  if (!Number.isInteger(number)) return undefined;
  if (number >= 1990 && number <= 2100) return { from: Date.UTC(number, 0), to: Date.UTC(number + 1, 0) };
  if (number >= 19_900_101 && number <= 21_001_231) {
    const from = Date.UTC(Math.floor(number / 10_000), (Math.floor(number / 100) % 100) - 1, number % 100);
    return { from, to: from + DAY };
  }
  const at = number < 1e11 ? number * 1000 : number;
  return at >= 6e11 && at <= 4.2e12 ? { from: at, to: at + 1 } : undefined;
}
