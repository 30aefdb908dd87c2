import type { Draft } from '../draft.ts';
import type { FaultContext, FaultMode } from '../fault-mode.ts';
import { hasCalls, parsed, withArguments } from './markup.ts';

/** Arguments that arrive damaged. */
export const ARGUMENT_FAULTS: readonly FaultMode[] = [
  {
    id: 'F09',
    title: 'last </parameter> missing: arguments lost',
    when: hasArguments,
    draft: (draft, { stream }) =>
      withArguments(draft, (text) => (stream ? text.slice(0, text.indexOf(':') + 2) : '{}')),
  },
  {
    id: 'F13',
    title: 'literal tag cuts a value, the call still runs',
    when: hasLongText,
    draft: (draft) => mapValues(draft, (text) => text.slice(0, Math.floor(text.length / 2))),
  },
  {
    id: 'F14',
    title: 'indent and trailing line break stripped',
    when: hasLongText,
    draft: (draft) => mapValues(draft, (text) => text.trim()),
  },
  {
    id: 'F15',
    title: 'second call to a tool comes without arguments',
    when: hasArguments,
    draft: (draft) => ({
      ...draft,
      calls: [...draft.calls, { ...draft.calls[0], id: `${draft.calls[0].id}-b`, arguments: '' }],
    }),
  },
  {
    id: 'F16',
    title: 'arguments encoded twice',
    when: hasCalls,
    draft: (draft, { random }) =>
      withArguments(draft, (text) =>
        random() < 0.5
          ? JSON.stringify(text)
          : JSON.stringify(rewrite(text, (value) => (typeof value === 'object' ? JSON.stringify(value) : value))),
      ),
  },
  {
    id: 'F17',
    title: 'wrong scalar types',
    when: hasCalls,
    draft: (draft) =>
      withArguments(draft, (text) =>
        JSON.stringify(rewrite(text, (value) => (typeof value === 'string' ? value : JSON.stringify(value)))),
      ),
  },
  {
    id: 'F18',
    title: 'leaked tag as a key, arguments cut',
    when: hasArguments,
    draft: (draft) =>
      withArguments(draft, (text) => {
        const [[key, value]] = Object.entries(parsed(text));
        return JSON.stringify({ [`${key}>\n<parameter=rest`]: String(value).slice(0, 97) });
      }),
  },
  {
    id: 'F22',
    title: 'broken JSON that would poison history',
    when: hasArguments,
    draft: (draft) => withArguments(draft, (text) => text.replace(/":/, '" ')),
  },
  { id: 'F23', title: 'empty text for no arguments', when: hasCalls, draft: (draft) => withArguments(draft, () => '') },
  {
    id: 'F37',
    title: 'speculative decoding mangles a call',
    when: hasArguments,
    draft: (draft, context) => withArguments(draft, (text) => mangle(text, context)),
  },
];

function hasArguments(draft: Draft): boolean {
  return draft.calls.some((call) => call.arguments.length > 4);
}

function hasLongText(draft: Draft): boolean {
  return draft.calls.some((call) => Object.values(parsed(call.arguments)).some(isLong));
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\n') || value.length > 60);
}

/** Changes the long texts: what is short survives such parsers. */
function mapValues(draft: Draft, change: (text: string) => string): Draft {
  return withArguments(draft, (text) =>
    JSON.stringify(rewrite(text, (value) => (isLong(value) ? change(value as string) : value))),
  );
}

function rewrite(text: string, change: (value: unknown) => unknown): Record<string, unknown> {
  const args = parsed(text);
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, change(value)]));
}

/** A few characters doubled and a few lost, quotes among them. */
function mangle(text: string, { random }: FaultContext): string {
  const at = 1 + Math.floor(random() * Math.min(12, text.length - 2));
  return `${text.slice(0, at)}${text.slice(at, at + 4)}${text.slice(at).replace('"', '')}`;
}
