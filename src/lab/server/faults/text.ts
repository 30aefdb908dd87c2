import type { Draft } from '../draft.ts';
import type { FaultMode } from '../fault-mode.ts';
import { asText, drift, hasCalls, hermesText, inContent, parsed, xmlText } from './markup.ts';

/** Calls that arrive as text, text that looks like calls, and thinking in the wrong place. */
export const TEXT_FAULTS: readonly FaultMode[] = [
  {
    id: 'F01',
    title: 'complete call inside unclosed thinking',
    when: hasCalls,
    draft: (draft) => ({
      ...inContent(draft, ''),
      content: '',
      reasoning: `${draft.reasoning || 'The next step is clear.'}\n${asText(draft, xmlText)}`,
    }),
  },
  {
    id: 'F02',
    title: 'call stays in content: wrong parser',
    when: hasCalls,
    draft: (draft, { random }) => inContent(draft, asText(draft, random() < 0.5 ? hermesText : xmlText)),
  },
  {
    id: 'F03',
    title: 'opening <tool_call> omitted',
    when: hasCalls,
    draft: (draft) =>
      inContent(draft, `I'll do that now...\n\n${asText(draft, (call) => xmlText(call).replace('<tool_call>\n', ''))}`),
  },
  {
    id: 'F04',
    title: 'thinking glued into content',
    when: (draft) => draft.reasoning !== '',
    draft: (draft, { random }) => ({
      ...draft,
      reasoning: '',
      content: `${random() < 0.5 ? '<think>\n' : ''}${draft.reasoning}\n</think>\n\n${draft.content}`,
    }),
  },
  {
    id: 'F06',
    title: 'fenced example taken for a real call',
    when: hasCalls,
    draft: (draft) => ({ ...draft, content: 'A call looks like this:\n```xml\n', calls: draft.calls.map(asExample) }),
  },
  {
    id: 'F07',
    title: 'closing tag leaks into content',
    draft: (draft, { random }) => ({
      ...draft,
      content: random() < 0.5 ? `${draft.content}\n</tool_call>` : `</think>\n\n${draft.content}`,
    }),
  },
  { id: 'F08', title: 'white space before a call', when: hasCalls, draft: (draft) => ({ ...draft, content: '\n\n' }) },
  {
    id: 'F10',
    title: 'drifted or doubled closing tags',
    when: hasCalls,
    draft: (draft, { random }) => {
      const closer = random() < 0.5 ? '</function_invocation>' : '</function>\n</function>';
      return inContent(
        draft,
        asText(draft, (call) => xmlText(call).replace(/<\/function>\n<\/tool_call>$/, `${closer}\n</tool_call>`)),
      );
    },
  },
  {
    id: 'F11',
    title: 'wrong parameter syntax',
    when: hasCalls,
    draft: (draft, { random }) => {
      const form = Math.floor(random() * 3);
      return inContent(
        draft,
        asText(draft, (call) => drift(call, form)),
      );
    },
  },
  {
    id: 'F12',
    title: 'JSON and XML mixed',
    when: hasCalls,
    draft: (draft) =>
      inContent(
        draft,
        asText(draft, (call) => `<tool_call>\n<function=${call.name}>\n${call.arguments}\n</function>\n</tool_call>`),
      ),
  },
];

/** The same call with made-up values: what must never be run. */
function asExample(call: Draft['calls'][number]): Draft['calls'][number] {
  const args = parsed(call.arguments);
  const made = Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? 'example' : value]);
  return { ...call, arguments: JSON.stringify(Object.fromEntries(made)) };
}
