import { jsonIn } from '../../base/json.ts';
import type { ToolDefinition } from '../contract.ts';
import { jsonEnd } from './json-span.ts';
import { resolveTool } from './names.ts';

/** A call found in text. Values of XML calls are text still; the schema decides what becomes of them. */
export interface FoundCall {
  readonly tool: ToolDefinition;
  readonly args: Readonly<Record<string, unknown>>;
  /** First character after the call. */
  readonly end: number;
}

const OPENER = /<(?:function|invoke|tool)\s*(?:=|\s+name\s*=|\s)\s*["']?([\w.:/-]+)["']?[ \t]*(?:>|\n|(?=<))/y;
/** Any closing tag that is no parameter's: models drift to </function_invocation> and the like. */
const CLOSER = /\s*<\/(?!parameter\b|param\b|arg\b)[\w:-]+>/y;
const PARAMETER = [
  /\s*<(?:parameter|param|arg)\s*=\s*["']?([\w.-]+)["']?\s*>/y,
  /\s*<(?:parameter|param|arg)\s+name\s*=\s*["']?([\w.-]+)["']?[^>\n]*>/y,
  /\s*<(?:parameter|param|arg)\s+([\w.-]+)\s*>/y,
  /\s*<(?:parameter|param|arg)\s*<\s*([\w.-]+)\s*>>?/y,
  /\s*<(?:parameter|param|arg)\s*=\s*([\w.-]+)\s*=/y,
  /\s*<(?:parameter|param|arg)\s*=\s*([\w.-]+)(?=\n)/y,
];

/**
 * Reads `<function=name> <parameter=key> value </parameter> … </function>` at `from`, in the forms that models drift to.
 * Undefined unless the name is registered, the end was reached, and every key is known and comes once: a value that holds
 * such markup itself must never be cut in silence.
 */
export function xmlCallAt(text: string, from: number, tools: readonly ToolDefinition[]): FoundCall | undefined {
  const opener = matchAt(OPENER, text, from);
  const tool = opener && resolveTool(opener[1], tools);
  if (!tool) return undefined;
  let at = from + opener[0].length;
  const args: Record<string, unknown> = {};
  for (;;) {
    const closer = matchAt(CLOSER, text, at);
    if (closer) return { tool, args, end: at + closer[0].length };
    const parameter = parameterAt(text, at, tool);
    if (!parameter) {
      const inner = Object.keys(args).length === 0 ? jsonBody(text, at) : undefined;
      if (!inner) return undefined;
      Object.assign(args, inner.args);
      at = inner.end;
      continue;
    }
    const { key, value, end } = parameter;
    if (!Object.hasOwn(tool.parameters.properties, key) || Object.hasOwn(args, key)) return undefined;
    args[key] = value;
    at = end;
  }
}

function parameterAt(
  text: string,
  at: number,
  tool: ToolDefinition,
): { key: string; value: string; end: number } | undefined {
  for (const pattern of [...PARAMETER, bareKeys(tool)]) {
    const opener = matchAt(pattern, text, at);
    if (!opener) continue;
    const start = at + opener[0].length;
    const close = valueEnd(text, start, opener[1]);
    if (!close) return undefined;
    const value = text.slice(start, close.from);
    // `<parameter=key=value` has no line of its own, so no line break of it is markup.
    return { key: opener[1], value: opener[0].endsWith('=') ? value : withoutFrame(value), end: close.to };
  }
  return undefined;
}

/** `<path>…</path>` with the parameter's own name as the tag. */
function bareKeys(tool: ToolDefinition): RegExp {
  const keys = Object.keys(tool.parameters.properties).map((key) => key.replaceAll(/[^\w]/g, '\\$&'));
  return new RegExp(`\\s*<(${keys.join('|') || '(?!)'})>`, 'y');
}

/**
 * Where a value ends: at the first closing tag with markup behind it, so that a literal closing tag within a file
 * does not cut the file; or, when the closing tag was left out, at the end of the function.
 */
function valueEnd(text: string, start: number, key: string): { from: number; to: number } | undefined {
  const closers = new RegExp(`</(?:parameter|param|arg|${key.replaceAll(/[^\w]/g, '\\$&')})>`, 'g');
  closers.lastIndex = start;
  let own: { from: number; to: number } | undefined;
  for (let found = closers.exec(text); found && !own; found = closers.exec(text)) {
    const to = found.index + found[0].length;
    if (/^\s*<(?:\/|parameter|param|arg|function|tool_call)|^\s*<[\w.-]+>/.test(text.slice(to, to + 200)))
      own = { from: found.index, to };
  }
  const ends = /\n<\/(?:function|invoke|tool(?!_))\w*>(?=\s*(?:<\/|<tool_call>|<function|<\||$))/g;
  ends.lastIndex = start > 0 ? start - 1 : 0;
  const end = ends.exec(text);
  if (end && (!own || end.index < own.from)) {
    const from = Math.max(start, end.index);
    return { from: from + (text[from] === '\n' ? 1 : 0), to: end.index };
  }
  return own;
}

/** One line break after the opening and one before the closing tag are markup; everything else is payload. */
function withoutFrame(value: string): string {
  const lineBreak = value.startsWith('\r\n') ? '\r\n' : '\n';
  const start = value.startsWith(lineBreak) ? lineBreak.length : 0;
  const end = value.endsWith(lineBreak) && value.length >= start + lineBreak.length ? -lineBreak.length : undefined;
  return value.slice(start, end);
}

function jsonBody(text: string, at: number): { args: Record<string, unknown>; end: number } | undefined {
  const from = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  const end = text[from] === '{' ? jsonEnd(text, from) : -1;
  const args = end === -1 ? undefined : (jsonIn(text.slice(from, end)) as Record<string, unknown> | undefined);
  return args && { args, end };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
