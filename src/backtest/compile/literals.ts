import type { Node, SourceFile } from 'typescript/unstable/ast';
import { isNumericLiteral } from 'typescript/unstable/ast/is';
import { placeOf } from './place.ts';

/** More numbers than this hold a table of what has been rather than a rule. */
const MOST = 40;

/**
 * Why the numbers of a strategy file are too many to be a rule, or undefined. Those that look like dates are named: years, days
 * such as 20140203 and epoch times.
 */
export function tooManyNumbers(file: SourceFile, source: string): string | undefined {
  const found: { readonly text: string; readonly end: number }[] = [];
  const visit = (node: Node): void => {
    if (isNumericLiteral(node)) found.push({ text: node.text, end: node.end });
    node.forEachChild(visit);
  };
  for (const statement of file.statements) visit(statement);
  if (found.length <= MOST) return undefined;
  const dates = found.map(({ text }) => text).filter(isDate);
  const named = dates.length > 0 ? `; ${dates.slice(0, 5).join(', ')} look like dates` : '';
  return `${placeOf(source, found[MOST].end)}: ${found.length} numbers in the file; the limit is ${MOST}, because a table of numbers is memory and no rule${named}`;
}

function isDate(text: string): boolean {
  const number = Number(text);
  const year = number >= 1990 && number <= 2100;
  const day = number >= 19_900_101 && number <= 21_001_231;
  const epoch = (number >= 6e8 && number <= 4.2e9) || (number >= 6e11 && number <= 4.2e12);
  return Number.isInteger(number) && (year || day || epoch);
}
