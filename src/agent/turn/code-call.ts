import type { ToolDefinition } from '../contract.ts';
import { resolveTool } from './names.ts';
import type { FoundCall } from './xml-call.ts';

/** One literal as JavaScript and Python write it, at the start of a text. */
const LITERAL =
  /^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|`((?:\\.|[^`\\$])*)`|(-?\d+(?:\.\d+)?(?:e-?\d+)?)\b|(true|false|null|None|True|False)\b)/i;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * A text that is one call as code: `backtest('x.ts')`, `await check(path="x.ts");`, `backtest({ name: 'x' })`. Arguments are plain literals, by
 * keyword or in the order of the tool's parameters. Undefined for anything else: other code is not run.
 */
export function codeCallsAt(text: string, tools: readonly ToolDefinition[]): FoundCall[] | undefined {
  const head = /^(?:await\s+)?([\w.]+)\s*\(\s*(\{?)/.exec(text);
  const tool = head && resolveTool(head[1], tools);
  if (!head || !tool) return undefined;
  const parameters = tool.parameters.required.concat(Object.keys(tool.parameters.properties));
  const names = [...new Set(parameters)];
  const args: Record<string, unknown> = {};
  let rest = text.slice(head[0].length).trimStart();
  for (let n = 0; rest !== '' && !/^[)}]/.test(rest); n++) {
    const key = /^(?:(\w+)|"(\w+)"|'(\w+)')\s*[=:]\s*/.exec(rest);
    if (key) rest = rest.slice(key[0].length);
    else if (head[2] === '{') return undefined;
    const literal = LITERAL.exec(rest);
    const name = key ? (key[1] ?? key[2] ?? key[3]) : names[n];
    if (!literal || name === undefined || Object.hasOwn(args, name)) return undefined;
    args[name] = literalValue(literal);
    rest = rest.slice(literal[0].length).trimStart();
    const comma = /^,\s*/.exec(rest);
    if (comma) rest = rest.slice(comma[0].length);
    else if (!/^[)}]/.test(rest)) return undefined;
  }
  const closed = (head[2] === '{' ? /^\}\s*\)\s*;?$/ : /^\)\s*;?$/).test(rest);
  return closed ? [{ tool, args, end: text.length }] : undefined;
}

function literalValue([, double, single, back, number, word]: RegExpExecArray): unknown {
  const text = double ?? single ?? back;
  if (text !== undefined) return text.replaceAll(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] ?? char);
  if (number !== undefined) return Number(number);
  return /^n/i.test(word) ? null : /^true$/i.test(word);
}
