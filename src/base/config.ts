import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf, UsageError } from './errors.ts';
import { nearest } from './nearest.ts';

/**
 * Reads one YAML config file and checks it against a schema, once, at the edge.
 * Unknown keys are refused with the nearest known one; every problem names file, key and what was expected.
 * Throws RalphError (exit 2).
 */
export function readConfig<T>(path: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read the config file ${path}: ${messageOf(cause)}`, {
      remedy: `Create it, or restore it with: git checkout -- ${path}`,
      cause,
    });
  }
  return parseConfig(text, schema, path);
}

/** The same for text that is already in memory; `name` is what the messages call it, `remedy` what they advise for a file without comments. */
export function parseConfig<T>(
  text: string,
  schema: z.ZodType<T>,
  name: string,
  remedy = `Edit ${name}; every key is explained by the comment above it.`,
): T {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0)
    throw new UsageError(`${name}: ${messageOf(document.errors[0])}`, {
      remedy: 'Fix the YAML at that line.',
    });
  const value: unknown = document.toJS();
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(describeIssues(parsed.error.issues, schema, value, name).join('\n'), {
    remedy,
  });
}

/** One line a problem: `file: key: expected …, got …`, with the nearest known key for a misspelt one. */
export function describeIssues(issues: z.core.$ZodIssue[], schema: z.ZodType, value: unknown, name: string): string[] {
  return issues.map((issue) => {
    const where = issue.path.join('.') || 'the file';
    if (issue.code !== 'unrecognized_keys')
      return `${name}: ${where}: ${issue.message}, got ${JSON.stringify(valueAt(value, issue.path))}`;
    const known = knownKeys(schema, issue.path);
    const named = issue.keys.map((key) => {
      const near = nearest(key, known);
      return near ? `"${key}" (did you mean "${near}"?)` : `"${key}" (known: ${known.join(', ')})`;
    });
    return `${name}: ${where}: unknown key ${named.join(', ')}`;
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** The keys that may stand at a place; none where that depends on what stands there. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: JsonSchema | undefined = z.toJSONSchema(schema, { unrepresentable: 'any' }) as JsonSchema;
  for (const key of path) at = at?.properties?.[String(key)] ?? at?.items ?? at?.additionalProperties;
  return Object.keys(at?.properties ?? {});
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
}
