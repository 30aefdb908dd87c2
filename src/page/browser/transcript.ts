import { h } from 'preact';

/** One line of a session's transcript. */
export interface Entry {
  readonly at: number;
  readonly kind: string;
  readonly data: unknown;
}

/** Letters of an entry that are shown. */
const MOST_ENTRY = 6000;

/** What the model and the harness said in a session. */
export function transcriptPart(entries: readonly Entry[]) {
  if (entries.length === 0) return h('p', { class: 'quiet' }, 'This cycle has no transcript yet.');
  return h(
    'ol',
    { class: 'transcript' },
    entries.map(({ kind, data }, i) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data, null, 1).replaceAll('\\n', '\n');
      return h(
        'li',
        { key: i },
        h('strong', null, kind),
        h(
          'pre',
          { tabIndex: 0 },
          text.length > MOST_ENTRY ? `${text.slice(0, MOST_ENTRY)}\n… ${text.length - MOST_ENTRY} more letters` : text,
        ),
      );
    }),
  );
}
