import type { LooseMessage, Message, MessageCall } from './message.ts';

const CALL = '### You called ';
const RESULT = '### It answered:';
const SAID = '### You said:';

/**
 * The same history without tool messages: what was called and answered becomes text in one query. For servers whose
 * template chokes on tool turns. What was flat stays the beginning of what is flat later.
 */
export function flatten(messages: readonly Message[]): Message[] {
  const rules = messages.filter((message) => message.role === 'system');
  const rest = messages.filter((message) => message.role !== 'system');
  const told = rest.flatMap((message) => {
    if (message.role === 'user') return [untagged(message.content ?? '')];
    if (message.role === 'tool') return [`${RESULT}\n${message.content ?? ''}`];
    const calls = (message.tool_calls ?? []).map(({ function: made }) => `${CALL}${made.name} ${made.arguments}`);
    return [...(message.content === null ? [] : [`${SAID}\n${message.content}`]), ...calls];
  });
  return [...rules, { role: 'user', content: told.filter((text) => text.trim() !== '').join('\n\n') }];
}

/** The turns of a flat history again, for a scripted model that looks at turns and does not read. Others come back as they are. */
export function unflatten(messages: readonly Message[]): LooseMessage[] {
  if (messages.some(({ role }) => role === 'assistant' || role === 'tool')) return [...messages];
  return messages.flatMap((message) => {
    const text = message.content ?? '';
    if (message.role !== 'user' || !text.includes(`\n\n${CALL}`)) return [message];
    const turns: LooseMessage[] = [];
    let [asked, answered] = [0, 0];
    let open: MessageCall[] | null = null;
    for (const part of text.split(/\n\n(?=### You called |### It answered:\n|### You said:\n)/)) {
      if (part.startsWith(CALL)) {
        const [, name = '', args = ''] = /^(\S+) ([\s\S]*)$/.exec(part.slice(CALL.length)) ?? [];
        const call: MessageCall = { id: String(asked++), type: 'function', function: { name, arguments: args } };
        // Calls side by side were one turn; apart from their turn, all but the last would look as if they had no answer.
        if (open) open.push(call);
        else {
          open = [call];
          turns.push({ role: 'assistant', content: null, tool_calls: open });
        }
        continue;
      }
      open = null;
      if (part.startsWith(RESULT))
        turns.push({ role: 'tool', tool_call_id: String(answered++), content: part.slice(RESULT.length + 1) });
      else if (part.startsWith(SAID)) turns.push({ role: 'assistant', content: part.slice(SAID.length + 1) });
      else turns.push({ role: 'user', content: part });
    }
    return turns;
  });
}

function untagged(text: string): string {
  return text.replaceAll(/<\/?tool_response>\n?/g, '');
}
