import { z } from 'zod';
import { parseConfig } from '../../base/config.ts';
import { messageOf } from '../../base/errors.ts';

/** The largest hint, bytes. A hint is a remark in a brief of a few thousand tokens, not a document. */
export const MAX_HINT_BYTES = 4096;

const frontMatter = z.strictObject({
  priority: z.number().int().min(0).max(9).optional(),
  expires: z.union([z.date(), z.string()]).optional(),
  scope: z.string().optional(),
  drop: z.string().optional(),
  from: z.string().max(40).optional(),
});

/** A hint file that was understood. `drop` names a hint to withdraw; then text is the reason. */
export interface HintFile {
  readonly text: string;
  readonly priority: number;
  /** Epoch ms, null for never. */
  readonly expiresAt: number | null;
  readonly scope: string;
  readonly drop: string | null;
  /** Where it was written (`page`); null for the command line or an editor. */
  readonly from: string | null;
}

export type HintReading = { readonly ok: true; readonly hint: HintFile } | { readonly ok: false; readonly why: string };

/** What a scope says: words `run`, `family:NAME`, `cycles:N`, separated by blanks or commas. */
export interface Scope {
  readonly family: string | null;
  /** Number of cycles it lasts, null for the whole run. */
  readonly cycles: number | null;
}

/** Reads a hint: text, perhaps after front matter with priority (0 to 9, default 5), expires (a UTC date), scope, drop, from. Never throws. */
export function readHint(bytes: Buffer): HintReading {
  if (bytes.byteLength > MAX_HINT_BYTES) return refuse(`${bytes.byteLength} bytes, at most ${MAX_HINT_BYTES}`);
  const text = bytes.toString('utf8');
  if (text.includes('�') || text.includes('\0')) return refuse('not UTF-8 text');
  const split = /^---\r?\n([\s\S]*?)\r?\n---\r?\n?([\s\S]*)$/.exec(text);
  const body = (split ? split[2] : text).trim();
  try {
    const fields = split ? parseConfig(split[1].trim() || '{}', frontMatter, 'front matter') : {};
    const expiresAt = fields.expires === undefined ? null : new Date(fields.expires).getTime();
    if (Number.isNaN(expiresAt)) return refuse(`front matter: expires "${String(fields.expires)}" is no date`);
    if (body === '' && !fields.drop) return refuse('no text');
    const scope = fields.scope ?? 'run';
    if (parseScope(scope) === null)
      return refuse(`front matter: scope "${scope}": expected run, family:NAME or cycles:N`);
    return {
      ok: true,
      hint: {
        text: body,
        priority: fields.priority ?? 5,
        expiresAt,
        scope,
        drop: fields.drop ?? null,
        from: fields.from ?? null,
      },
    };
  } catch (error) {
    return refuse(messageOf(error));
  }
}

/** Null when a word of it is unknown. */
export function parseScope(scope: string): Scope | null {
  let family: string | null = null;
  let cycles: number | null = null;
  for (const word of scope.split(/[\s,]+/).filter(Boolean)) {
    const familyName = /^family:([a-z0-9-]+)$/.exec(word)?.[1];
    const count = /^cycles:([1-9]\d*)$/.exec(word)?.[1];
    if (familyName) family = familyName;
    else if (count) cycles = Number(count);
    else if (word !== 'run') return null;
  }
  return { family, cycles };
}

function refuse(why: string): HintReading {
  return { ok: false, why };
}
