import type { Node, SourceFile } from 'typescript/unstable/ast';
import { isCallExpression, isIdentifier, isNumericLiteral, isPropertyAssignment } from 'typescript/unstable/ast/is';
import { DAY, type Range } from '../../market/bars.ts';
import { strategyLiteral } from './header.ts';
import { nameOf } from './params.ts';
import { placeOf } from './place.ts';

/** More numbers than this hold a table of what has been rather than a rule. */
const MOST = 40;

/** A number as the file writes it, and where it ends. */
export interface Literal {
  readonly text: string;
  readonly end: number;
  /** Whether it counts towards the limit. */
  readonly counts: boolean;
}

/** Each number of the file. A range of the strategy's `params` counts once, whatever its ends and step; a choice counts as many as it names. */
export function numbersIn(file: SourceFile): Literal[] {
  const found: { text: string; end: number; counts: boolean }[] = [];
  const params = paramsOf(file);
  const visit = (node: Node): void => {
    if (isNumericLiteral(node)) found.push({ text: node.text, end: node.end, counts: true });
    const before = found.length;
    node.forEachChild(visit);
    if (params && isRange(node) && node.parent.parent === params) {
      for (const rest of found.slice(before + 1)) rest.counts = false;
    }
  };
  for (const statement of file.statements) visit(statement);
  return found;
}

/** Only there does the header hold a range to literals and to the contract's own function: elsewhere its arguments may be a table. */
function paramsOf(file: SourceFile): Node | undefined {
  for (const property of strategyLiteral(file)?.properties ?? [])
    if (isPropertyAssignment(property) && nameOf(property.name) === 'params') return property.initializer;
  return undefined;
}

function isRange(node: Node): boolean {
  return isCallExpression(node) && isIdentifier(node.expression) && node.expression.text === 'range';
}

/** Why the numbers of a strategy file are too many to be a rule, or undefined. Those that look like dates are named. */
export function tooManyNumbers(all: readonly Literal[], source: string): string | undefined {
  const found = all.filter(({ counts }) => counts);
  if (found.length <= MOST) return undefined;
  const dates = found.map(({ text }) => text).filter((text) => dateOf(Number(text)) !== undefined);
  const named = dates.length > 0 ? `; ${dates.slice(0, 5).join(', ')} look like dates` : '';
  return `${placeOf(source, found[MOST].end)}: ${found.length} numbers in the file; the limit is ${MOST}, because a table of numbers is memory and no rule${named}`;
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
