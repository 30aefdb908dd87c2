import { cutTo, type Draft } from '../draft.ts';
import type { FaultContext, FaultMode } from '../fault-mode.ts';
import { hasCalls, withArguments } from './markup.ts';

/** Answers that are cut, empty, idle or endless. */
export const ENDING_FAULTS: readonly FaultMode[] = [
  {
    id: 'F19',
    title: 'cut by max_tokens, finish says tool_calls',
    when: hasCalls,
    draft: (draft, { maxTokens }) => ({
      ...withArguments(draft, half),
      finish: 'tool_calls',
      completionTokens: maxTokens,
    }),
  },
  {
    id: 'F20',
    title: 'the same cut, seen as a piece of a tag',
    when: hasCalls,
    draft: (draft, { maxTokens, random }) =>
      random() < 0.5
        ? { ...draft, calls: [], content: `${draft.content}<too`, finish: 'stop', completionTokens: maxTokens }
        : { ...withArguments(draft, () => '{}'), completionTokens: maxTokens },
  },
  {
    id: 'F21',
    title: 'end of answer in mid-string, finish stop',
    when: hasCalls,
    draft: (draft) => ({ ...withArguments(draft, half), finish: 'stop' }),
  },
  {
    id: 'F24',
    title: 'empty answer after thinking',
    draft: (draft) => ({ ...silent(draft), reasoning: draft.reasoning || 'Hm.', completionTokens: 12 }),
  },
  {
    id: 'F25',
    title: 'announces an action and stops',
    draft: (draft) => ({
      ...silent(draft),
      content: '\n\nNow let me write the full implementation.',
      completionTokens: 10,
    }),
  },
  {
    id: 'F26',
    title: 'thinking runs into the cap',
    draft: (draft, { maxTokens, random }) =>
      cutTo({ ...silent(draft), reasoning: rambling(maxTokens, random) }, maxTokens),
  },
  { id: 'F27', title: 'no thinking any more', draft: (draft) => ({ ...draft, reasoning: '' }) },
  {
    id: 'F28',
    title: 'the identical call again',
    when: (_, { messages }) => lastCalls(messages).length > 0,
    draft: (draft, { messages }) => ({
      ...draft,
      calls: lastCalls(messages).map((call, i) => ({
        id: `again-${messages.length}-${i}`,
        name: call.function.name,
        arguments: call.function.arguments,
      })),
      finish: 'tool_calls',
    }),
  },
  {
    id: 'F29',
    title: 'flood of one character',
    draft: (draft, { maxTokens }) => cutTo({ ...silent(draft), reasoning: '', content: '!'.repeat(20_000) }, maxTokens),
  },
  {
    id: 'F30',
    title: 'endless line breaks in the arguments',
    when: hasCalls,
    draft: (draft, { maxTokens }) => ({
      ...withArguments(draft, () => `{${'\n'.repeat(6000)}`),
      finish: 'length',
      completionTokens: maxTokens,
    }),
  },
  {
    id: 'F34',
    title: 'white space loop without thinking',
    draft: (draft, { maxTokens }) =>
      cutTo({ ...silent(draft), reasoning: '', content: '\n  \n'.repeat(2000) }, maxTokens),
  },
];

function silent(draft: Draft): Draft {
  return { ...draft, content: '', calls: [], finish: 'stop' };
}

function half(text: string): string {
  return text.slice(0, Math.max(2, Math.floor(text.length / 2)));
}

function lastCalls(messages: FaultContext['messages']) {
  return messages.findLast((message) => message.role === 'assistant')?.tool_calls ?? [];
}

/** Thought that is no loop, only long. */
function rambling(tokens: number, random: () => number): string {
  const words =
    'price trend range close bar open stop risk edge cost trade hour day jump calm wide thin late early up down'.split(
      ' ',
    );
  return Array.from(
    { length: Math.ceil(tokens * 0.9) },
    () => words[Math.floor(random() * words.length)] + Math.floor(random() * 900),
  ).join(' ');
}
