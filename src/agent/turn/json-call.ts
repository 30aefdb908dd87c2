import { isObject, jsonIn } from '../../base/json.ts';
import type { ToolDefinition } from '../contract.ts';
import { jsonEnd } from './json-span.ts';
import { resolveTool } from './names.ts';
import type { FoundCall } from './xml-call.ts';

const NAME_KEYS = ['name', 'tool', 'tool_name', 'function_name'];
const ARGUMENT_KEYS = ['arguments', 'parameters', 'args', 'input', 'tool_input'];

/**
 * Reads `{"name": …, "arguments": {…}}`, or a list of such (also as `tool_calls`), at `from`. Undefined unless it is whole, strict JSON and
 * every name is registered: what would have to be repaired first is asked for again instead.
 */
export function jsonCallsAt(text: string, from: number, tools: readonly ToolDefinition[]): FoundCall[] | undefined {
  const end = jsonEnd(text, from);
  if (end === -1) return undefined;
  const value = jsonIn(text.slice(from, end));
  const entries = isObject(value) && Array.isArray(value.tool_calls) ? value.tool_calls : value;
  const found = (Array.isArray(entries) ? entries : [entries]).map((entry) => callOf(entry, tools, end));
  return found.length > 0 && found.every((call) => call !== undefined) ? found : undefined;
}

function callOf(entry: unknown, tools: readonly ToolDefinition[], end: number): FoundCall | undefined {
  if (entry === null || typeof entry !== 'object') return undefined;
  const outer = entry as Record<string, unknown>;
  const body = isObject(outer.function) ? outer.function : outer;
  const name = NAME_KEYS.map((key) => body[key]).find((item) => typeof item === 'string') ?? outer.function;
  const tool = typeof name === 'string' ? resolveTool(name, tools) : undefined;
  const key = ARGUMENT_KEYS.find((candidate) => body[candidate] !== undefined);
  if (!tool || key === undefined) return undefined;
  const args = unpacked(body[key]);
  return isObject(args) ? { tool, args, end } : undefined;
}

/** Arguments that were encoded once more as text. */
function unpacked(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.trim() === '' ? {} : jsonIn(value);
}
