import { isObject, jsonIn } from '../../base/json.ts';
import type { ToolDefinition, ToolParameter } from '../contract.ts';
import { isPlainKey } from '../history/arguments.ts';

export type Coerced =
  | { readonly ok: true; readonly args: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

/**
 * Brings arguments to the types of the schema, both ways: "3" to 3, text that holds an object to the object (once or
 * twice encoded), an object to its JSON text where text is wanted. Text for a text parameter is never touched. Nulls
 * and unknown keys are dropped; a missing required key, or a value that cannot be what is wanted, is a problem.
 */
export function coerce(given: unknown, tool: ToolDefinition): Coerced {
  if (!isObject(given)) return refuse(tool, 'the arguments must be one JSON object');
  const { properties, required } = tool.parameters;
  const args: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (!isPlainKey(key)) return refuse(tool, `the argument name ${JSON.stringify(key.slice(0, 40))} is broken markup`);
    const name = propertyFor(key, properties);
    if (!name) {
      unknown.push(key);
      continue;
    }
    if (isNothing(value, properties[name])) continue;
    if (Object.hasOwn(args, name)) return refuse(tool, `${name} is there twice`);
    const fitted = fit(value, properties[name]);
    if (fitted === undefined)
      return refuse(tool, `${name} must be ${described(properties[name])}, got ${shown(value)}`);
    args[name] = fitted.value;
  }
  const missing = required.filter((key) => args[key] === undefined);
  if (missing.length === 0) return { ok: true, args };
  const extra = unknown.length > 0 ? `; it does not know ${unknown.join(', ')}` : '';
  return refuse(tool, `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing${extra}`);
}

function refuse(tool: ToolDefinition, problem: string): Coerced {
  const all = Object.keys(tool.parameters.properties);
  const shape = all.map((key) => (tool.parameters.required.includes(key) ? key : `${key}?`)).join(', ');
  return { ok: false, problem: `error: ${tool.name} was not run: ${problem}. Call it with {${shape}}.` };
}

/** Templates print a null as Python's None, and models learn it from them. */
function isNothing(value: unknown, schema: ToolParameter): boolean {
  if (value === null || value === undefined) return true;
  return schema.type !== 'string' && typeof value === 'string' && /^\s*(?:none|null|undefined)\s*$/i.test(value);
}

function propertyFor(key: string, properties: Readonly<Record<string, ToolParameter>>): string | undefined {
  if (Object.hasOwn(properties, key)) return key;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const near = Object.keys(properties).filter((name) => plain(name) === plain(key));
  return near.length === 1 ? near[0] : undefined;
}

/** The value as the schema wants it, wrapped because it may be falsy; undefined when it cannot be. */
function fit(value: unknown, schema: ToolParameter): { value: unknown } | undefined {
  const fitted = fitType(value, schema);
  if (!fitted || !schema.enum) return fitted;
  const text = String(fitted.value);
  const choice =
    schema.enum.find((option) => option === text) ??
    schema.enum.find((option) => option.toLowerCase() === text.trim().toLowerCase());
  return choice === undefined ? undefined : { value: choice };
}

function fitType(value: unknown, schema: ToolParameter): { value: unknown } | undefined {
  switch (schema.type) {
    case 'string':
      return {
        value: typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value),
      };
    case 'number':
    case 'integer':
      return number(value, schema.type === 'integer');
    case 'boolean':
      return boolean(value);
    case 'array':
      return array(value, schema);
    case 'object': {
      const parsed = decoded(value);
      return isObject(parsed) ? { value: parsed } : undefined;
    }
  }
}

function number(value: unknown, whole: boolean): { value: number } | undefined {
  const text = typeof value === 'string' ? value.trim().replaceAll(/^["']|["']$/g, '') : value;
  const result = typeof text === 'number' ? text : typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(result) && (!whole || Number.isInteger(result)) ? { value: result } : undefined;
}

function boolean(value: unknown): { value: boolean } | undefined {
  if (typeof value === 'boolean') return { value };
  const text = String(value).trim().toLowerCase();
  if (text === 'true' || text === '1') return { value: true };
  if (text === 'false' || text === '0') return { value: false };
  return undefined;
}

function array(value: unknown, schema: ToolParameter): { value: unknown[] } | undefined {
  const parsed = decoded(value);
  // A list in another notation is not one element.
  if (typeof parsed === 'string' && /^\s*[[({]/.test(parsed)) return undefined;
  // One bare element where a list is wanted is the commonest slip.
  const list = Array.isArray(parsed) ? parsed : typeof parsed === 'object' ? undefined : [parsed];
  if (!list || !schema.items) return list && { value: list };
  const items = list.map((item) => fitType(item, schema.items as ToolParameter));
  return items.every((item) => item !== undefined) ? { value: items.map((item) => item.value) } : undefined;
}

/** Unpacks JSON inside a string, at most twice. */
function decoded(value: unknown): unknown {
  let at = value;
  for (let depth = 0; depth < 2 && typeof at === 'string'; depth++) {
    const inside = jsonIn(at);
    if (inside === undefined) return at;
    at = inside;
  }
  return at;
}

function described(schema: ToolParameter): string {
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  return schema.type === 'array' || schema.type === 'integer' || schema.type === 'object'
    ? `an ${schema.type}`
    : `a ${schema.type}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
