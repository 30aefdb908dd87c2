import type { ToolDefinition } from '../contract.ts';

/** The doctor's only tool. The prefix tells a scripted model that it is being probed. */
export const ECHO: ToolDefinition = {
  name: 'probe_echo',
  description: 'Answers with the text it was given.',
  parameters: {
    type: 'object',
    properties: {
      text: { type: 'string', description: 'The text, exactly.' },
      times: { type: 'integer', description: 'How often.' },
    },
    required: ['text'],
  },
};

/** An order that a small model can follow to the byte: the arguments as JSON. */
export function orderFor(args: Readonly<Record<string, unknown>>): string {
  return `Call the tool \`${ECHO.name}\` with exactly these arguments: ${JSON.stringify(args)}`;
}

/** Reads such orders back, in order. */
export function ordersIn(text: string): Record<string, unknown>[] {
  const found = text.matchAll(/Call the tool `probe_echo` with exactly these arguments: (\{.*\})$/gm);
  return [...found].map(([, json]) => JSON.parse(json) as Record<string, unknown>);
}

/** Says that all orders of a message are to be carried out in one turn. */
export const TOGETHER = 'Make all of these calls at once, in one answer.';

/** Asks for one block of code, as the blocks wire does. */
export const BLOCK_WANTED = 'export const answer';
export const BLOCK_ORDER = `Answer with one \`\`\`ts block and nothing else. It holds the line: ${BLOCK_WANTED} = 42;`;
