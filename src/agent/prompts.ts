import { z } from 'zod';
import { readConfig } from '../base/config.ts';
import type { ToolDefinition, ToolParameter } from './contract.ts';

const scalar = z.enum(['string', 'number', 'integer', 'boolean']);

// Flat on purpose: unions, formats and nested objects are what grammar compilers and small models stumble over.
const parameterSchema = z.strictObject({
  type: z.union([scalar, z.enum(['array', 'object'])]),
  description: z.string().optional(),
  required: z.boolean().default(true),
  enum: z.array(z.string()).nonempty().optional(),
  items: z.strictObject({ type: scalar }).optional(),
});

const toolsSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'a tool name is lower case with underscores'),
  z.strictObject({ description: z.string().min(1), parameters: z.record(z.string(), parameterSchema) }),
);

/** Reads the tools of a YAML file in file order. Throws RalphError that names file, key and what was expected. */
export function loadTools(path: string): ToolDefinition[] {
  return Object.entries(readConfig(path, toolsSchema)).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(parameters).map(([key, { required: _, ...schema }]): [string, ToolParameter] => [key, schema]),
      ),
      required: Object.keys(parameters).filter((key) => parameters[key].required),
    },
  }));
}
/** The forms of a prompt: for native tools with room, for native tools in a small window, for the blocks wire. */
export type PromptForm = 'long' | 'short' | 'blocks';

/**
 * One form of a prompt file: parts between `<!-- only: NAMES -->` and `<!-- end -->` stand in the forms that are named. `universe`: also those for
 * markets of several symbols.
 */
export function promptForm(text: string, form: PromptForm, universe = false): string {
  const shown: readonly string[] = universe ? [form, 'universe'] : [form];
  return text
    .replaceAll(/<!-- only: ([\w ]+) -->\n([\s\S]*?)<!-- end -->\n/g, (_, names: string, part: string) =>
      names.split(' ').some((name) => shown.includes(name)) ? part : '',
    )
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
