import { BLOCK_ORDER, BLOCK_WANTED, ECHO, ordersIn, TOGETHER } from '../../agent/doctor/instructions.ts';
import { unflatten } from '../../agent/history/flat.ts';
import { isQuery } from '../../agent/history/message.ts';
import { normalise } from '../../agent/history/normalise.ts';
import type { Brain } from './brain.ts';

/** Obeys the doctor and leaves everybody else to the real brain, which is given turns even where the request has them as text. */
export function withProbe(brain: Brain): Brain {
  return (request) => {
    if (request.tools.some((tool) => tool.name === ECHO.name)) return obey(request);
    if (request.messages.at(-1)?.content === BLOCK_ORDER)
      return { content: `\`\`\`ts\n${BLOCK_WANTED} = 42;\n\`\`\``, calls: [] };
    const messages = normalise(unflatten(request.messages), { system: '', task: 'Begin.' });
    return brain({ ...request, messages, turn: messages.filter(({ role }) => role === 'assistant').length });
  };
}

const obey: Brain = ({ messages }) => {
  const last = messages.at(-1);
  // A tool result may hold the next order: that is how recovery from an error is probed.
  const fromResult = last?.role === 'tool' ? ordersIn(last.content ?? '') : [];
  const query = messages.findLastIndex(isQuery);
  const orders = ordersIn(messages[query]?.content ?? '');
  const done = messages.slice(query).filter(({ role }) => role === 'assistant').length;
  const together = messages[query]?.content?.includes(TOGETHER) === true;
  const next =
    fromResult.length > 0 ? fromResult : together ? (done === 0 ? orders : []) : orders.slice(done, done + 1);
  if (next.length === 0) return { content: 'All done.', calls: [] };
  return { reasoning: 'I was told what to call.', calls: next.map((args) => ({ name: ECHO.name, args })) };
};
