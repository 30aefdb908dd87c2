import type { Draft } from '../draft.ts';

type Call = Draft['calls'][number];

/** A call as Qwen3-Coder and Qwen3.5 write it. */
export function xmlText(call: Call): string {
  const parameters = parametersOf(call).map(([key, value]) => `<parameter=${key}>\n${value}\n</parameter>\n`);
  return `<tool_call>\n<function=${call.name}>\n${parameters.join('')}</function>\n</tool_call>`;
}

/** A call as Qwen3 writes it. */
export function hermesText(call: Call): string {
  return `<tool_call>\n${JSON.stringify({ name: call.name, arguments: parsed(call.arguments) })}\n</tool_call>`;
}

/** The three wrong ways of naming a parameter that were seen; `form` is 0, 1 or 2. */
export function drift(call: Call, form: number): string {
  const parameters = parametersOf(call).map(([key, value]) => {
    if (form === 0) return `<parameter ${key}>\n${value}\n</parameter>\n`;
    if (form === 1) return `<parameter<${key}>>\n${value}\n</parameter>\n`;
    return `<parameter=${key}=${value}</parameter>\n`;
  });
  return `<tool_call>\n<function=${call.name}>\n${parameters.join('')}</function>\n</tool_call>`;
}

/** All calls as text, one after the other. */
export function asText(draft: Draft, render: (call: Call) => string): string {
  return draft.calls.map(render).join('\n');
}

/** The answer with its calls gone into text, for a server that did not see them. */
export function inContent(draft: Draft, text: string): Draft {
  const content = draft.content === '' ? text : `${draft.content}\n${text}`;
  return { ...draft, content, calls: [], finish: 'stop' };
}

/** The answer with the arguments of every call rewritten as text. */
export function withArguments(draft: Draft, change: (text: string) => string): Draft {
  return { ...draft, calls: draft.calls.map((call) => ({ ...call, arguments: change(call.arguments) })) };
}

export function hasCalls(draft: Draft): boolean {
  return draft.calls.length > 0;
}

function parametersOf(call: Call): [string, string][] {
  return Object.entries(parsed(call.arguments)).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

/** The arguments of a call; empty where a replayed one is broken already. */
export function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
