import { pick } from '../../../base/random.ts';
import { bad } from '../acceptance.ts';
import type { FaultContext, FaultMode } from '../fault-mode.ts';
import { hasCalls } from './markup.ts';

/** Requests that the server will not take in this form; the same request is refused again. */
export const REFUSAL_FAULTS: readonly FaultMode[] = [
  template('F41', 'System message must be at the beginning.'),
  template('F42', 'Unexpected message role.'),
  template('F43', 'No user query found in messages.'),
  template('F44', 'Can only get item pairs from a mapping.'),
  {
    id: 'F45',
    title: '400 unexpected reasoning effort',
    when: (_, context) => hasExtras(context),
    refuse: (context) => (hasExtras(context) ? bad('Unexpected reasoning effort high.') : null),
  },
  {
    id: 'F46',
    title: '400 context overflow, six wordings',
    when: (_, { conversation, maxTokens }) => !conversation.has('F46') && maxTokens > 700,
    refuse: overflow,
  },
  {
    id: 'F47',
    title: '400 schema cannot be compiled',
    when: (_, context) => hasRichSchema(context),
    refuse: (context) => (hasRichSchema(context) ? bad('Grammar error: Unimplemented keys: ["items"]') : null),
  },
  {
    id: 'F48',
    title: '400 the decoder prompt cannot be empty',
    when: (_, { conversation }) => !conversation.has('F48'),
    refuse: (context) => once(context, 'F48') && bad('The decoder prompt cannot be empty'),
  },
  {
    id: 'F49',
    title: '400 unknown fields',
    when: (_, context) => hasExtras(context),
    refuse: (context) =>
      hasExtras(context)
        ? bad(
            '[{"type":"extra_forbidden","msg":"Extra inputs are not permitted","loc":["body","chat_template_kwargs"]}]',
          )
        : null,
  },
  {
    id: 'F54',
    title: '500 grammar rejected tokens',
    when: (_, { conversation }) => !conversation.has('F54'),
    refuse: (context) =>
      once(context, 'F54') && { ...bad('grammar rejected tokens'), status: 500, type: 'InternalServerError' },
  },
  {
    id: 'F55',
    title: '500 with the unparsed call in the message',
    when: (draft, { conversation }) => hasCalls(draft) && !conversation.has('F55'),
    // The answer is only known to `draft`; the text reaches the client through the error.
    refuse: (context) =>
      once(context, 'F55') && {
        ...bad(`Failed to parse input at pos 0: ${context.callText}`),
        status: 500,
        type: 'server_error',
      },
  },
];

/** A template that chokes on tool turns, whatever it says about them. */
function template(id: string, message: string): FaultMode {
  const applies = ({ messages }: FaultContext) => messages.some(({ role }) => role === 'tool');
  return {
    id,
    title: `400 ${message}`,
    when: (_, context) => applies(context),
    refuse: (context) => (applies(context) ? bad(message) : null),
  };
}

/**
 * The six wordings of "does not fit": a window too small for the answer that was asked for, or, in a long conversation, for the
 * prompt alone.
 */
function overflow(context: FaultContext) {
  const { conversation, promptTokens, maxTokens, random } = context;
  const alone = context.messages.length > 8 && random() < 0.3;
  const limit = conversation.get('F46.window') ?? promptTokens + (alone ? -50 : Math.floor(maxTokens / 2));
  conversation.set('F46.window', limit);
  if (promptTokens + maxTokens <= limit) return null;
  const wordings = [
    `This model's maximum context length is ${limit} tokens. However, you requested ${promptTokens + maxTokens} tokens (${promptTokens} in the messages, ${maxTokens} in the completion). Please reduce the length of the messages or completion.`,
    `'max_tokens' or 'max_completion_tokens' is too large: ${maxTokens}. This model's maximum context length is ${limit} tokens and your request has ${promptTokens} input tokens (${maxTokens} > ${limit} - ${promptTokens}).`,
    `This model's maximum context length is ${limit} tokens. However, your request has ${promptTokens} input tokens. Please reduce the length of the input messages.`,
    `This model's maximum context length is ${limit} tokens. However, you requested 0 output tokens and your prompt contains at least ${limit + 1} input tokens, for a total of at least ${limit + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
    `This model's maximum context length is ${limit} tokens. However, you requested ${maxTokens} output tokens and your prompt contains at least ${limit + 1 - maxTokens} input tokens, for a total of at least ${limit + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=${limit + 1 - maxTokens})`,
    `The input (${promptTokens} tokens) is longer than the model's context length (${limit} tokens).`,
  ];
  const fitting = wordings.filter((_, i) => promptTokens > limit === [2, 3, 5].includes(i));
  return bad(pick(random, fitting), 'input_tokens');
}

function hasExtras({ body, messages }: FaultContext): boolean {
  return 'chat_template_kwargs' in body || messages.some((message) => 'reasoning_content' in message);
}

function hasRichSchema({ tools }: FaultContext): boolean {
  return /"(enum|items)"/.test(JSON.stringify(tools));
}

/** True the first time in a conversation. */
function once({ conversation }: FaultContext, id: string): true | null {
  return conversation.has(id) ? null : true;
}
