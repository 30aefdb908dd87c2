/** What a reader finds in the task text of a cycle; the scripted researcher knows nothing else of the run. */
export interface ReadBrief {
  readonly kind: string;
  readonly family: string | null;
  /** For patch: the gate in the way. */
  readonly gate: string | null;
  /** The files of the candidate to start from, by name. */
  readonly base: Readonly<Record<string, string>>;
  /** Ids of the hints that want an answer. */
  readonly hints: readonly string[];
  /** The line that the YAML example of the system text shows, such as `symbols: [BTCUSD]`. */
  readonly symbols: string | null;
}

export function readBrief(task: string, system: string): ReadBrief {
  const symbols = /^symbols: \[.*\]$/m.exec(system)?.[0] ?? null;
  const kind = /^(NEW|FIX|PATCH)\b/m.exec(task)?.[1].toLowerCase() ?? 'new';
  const family = /family \(?([a-z][a-z0-9-]+)/.exec(task)?.[1] ?? null;
  const gate = /gate in the way is ([a-z][\w.]*)/i.exec(task)?.[1].replace(/\.$/, '') ?? null;
  const base = Object.fromEntries(
    [...task.matchAll(/^([a-z][a-z0-9-]*\.(?:ts|yaml))\n```\w+\n([\s\S]*?)\n```/gm)].map(([, name, text]) => [
      name,
      `${text}\n`,
    ]),
  );
  // The digest lists every hint of the run; this section those that the cycle must answer.
  const asked = /^## Hints from the human\n([\s\S]*?)(?=^#|(?![\s\S]))/m.exec(task)?.[1] ?? '';
  const hints = [...asked.matchAll(/^- \[([\w-]+)\](?! \(answered)/gm)].map(([, id]) => id);
  return { kind, family: family === 'of' ? null : family, gate, base, hints, symbols };
}
