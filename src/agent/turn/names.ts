import type { ToolDefinition } from '../contract.ts';

/**
 * The registered tool that a name means, or undefined. Case, `-` against `_`, a namespace and a number (`functions.read_file:0`)
 * are forgiven; a spelling that is merely near is not, because running the wrong tool is worse than asking again.
 */
export function resolveTool(name: string, tools: readonly ToolDefinition[]): ToolDefinition | undefined {
  const exact = tools.find((tool) => tool.name === name);
  if (exact) return exact;
  const wanted = plain(name.trim().replace(/:\d+$/, '').split(/[.:/]/).at(-1) ?? '');
  if (wanted === '' || !/^[\w.:/-]+$/.test(name.trim())) return undefined;
  const matches = tools.filter((tool) => plain(tool.name) === wanted);
  return matches.length === 1 ? matches[0] : undefined;
}

/** One line for the model when there is no such tool. */
export function unknownTool(name: string, tools: readonly ToolDefinition[]): string {
  const shown = name.trim() === '' ? 'a call without a name' : `no tool is called "${name.trim().slice(0, 60)}"`;
  return `error: ${shown}; it was not run. The tools are: ${tools.map((tool) => tool.name).join(', ')}.`;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
