import type { Brain } from '../server/brain.ts';

/** One change that a scripted model proposes. */
export interface Change {
  readonly idea: string;
  readonly why: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A change as an example's model.json tells it: whole files, and for a few lines of a long one `{path: {old: new}}`. */
type ToldChange = Omit<Change, 'files'> &
  Partial<Pick<Change, 'files'>> & { readonly edits?: Readonly<Record<string, Readonly<Record<string, string>>>> };

/** The changes of a model.json, with whole files; `read` gives a file of the example. Throws where an old text is not in its file precisely once. */
export function changesFrom(json: string, read: (path: string) => string): Change[] {
  const told: ToldChange[] = JSON.parse(json);
  return told.map(({ idea, why, files = {}, edits = {} }) => {
    const edited = Object.entries(edits).map(([path, places]) => [path, withEdits(path, read(path), places)]);
    return { idea, why, files: { ...files, ...Object.fromEntries(edited) } };
  });
}

function withEdits(path: string, text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((now, [before, after]) => {
    const parts = now.split(before);
    if (parts.length === 2) return parts.join(after);
    throw new Error(`expected "${before}" once in ${path}, found it ${parts.length - 1} times`);
  }, text);
}

/** A model that proposes these changes in turn, one a session, and then says that it has no idea left. It only proposes: what becomes of a change is measured. */
export function changesModel(changes: readonly Change[]): Brain {
  return ({ messages }) => {
    const task = String(messages.find(({ role }) => role === 'user')?.content ?? '');
    const cycle = Number(/Cycle (\d+):/.exec(task)?.[1] ?? 1);
    const change = changes[cycle - 1];
    const done = messages.filter(({ role }) => role === 'tool').length;
    const calls = change
      ? [
          {
            name: 'register_hypothesis',
            args: {
              family: change.idea,
              hypothesis: `${change.why}, so the metric improves.`,
              refuted_if: 'change < 1%',
            },
          },
          ...Object.entries(change.files).map(([path, content]) => ({ name: 'write_file', args: { path, content } })),
          { name: 'measure', args: {} },
          { name: 'finish', args: { summary: change.why } },
        ]
      : [{ name: 'finish', args: { summary: 'no idea is left' } }];
    return { calls: [calls[Math.min(done, calls.length - 1)]] };
  };
}

/** The same for a model without tool calls: it answers with a whole file where a change has that file, else with words alone. */
export function changesInBlocks(changes: readonly Change[]): Brain {
  return ({ messages }) => {
    const request = String(messages.at(-1)?.content ?? '');
    const path = /^The file `(.+?)`/m.exec(request)?.[1] ?? '';
    const change = changes.find(({ files }) => Object.hasOwn(files, path));
    const content = change
      ? `Idea: ${change.why}\n\n\`\`\`js\n${change.files[path]}\`\`\`\n`
      : 'I would rather talk about it.';
    return { content, calls: [] };
  };
}
