import type { ToolResult } from '../../agent/contract.ts';
import type { Cycle } from '../task.ts';

/** What a tool does when the model calls it; its name and wording stand in prompts/tools.yaml. */
export type RunTool<Subject = unknown> = (
  args: Readonly<Record<string, unknown>>,
  cycle: Cycle,
  subject: Subject,
  signal?: AbortSignal,
) => Promise<ToolResult> | ToolResult;

export function answer(content: string): ToolResult {
  return { ok: true, content };
}

/** One short line that tells the model what to do. */
export function refuse(content: string): ToolResult {
  return { ok: false, content };
}

/** Parameters that are texts, by name with their descriptions; all are required unless told. */
export function texts(properties: Readonly<Record<string, string>>, required = Object.keys(properties)) {
  const described = Object.entries(properties).map(([name, description]) => [name, { type: 'string', description }]);
  return { type: 'object' as const, properties: Object.fromEntries(described), required };
}

/**
 * A text argument, trimmed; empty when it is missing. Control characters and changes of direction become spaces: such words are shown on
 * terminals and stored where a zero byte is refused.
 */
export function text(args: Readonly<Record<string, unknown>>, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') return value === undefined || value === null ? '' : String(value);
  return value.replaceAll(/[^\P{C}\n\t]/gu, ' ').trim();
}
