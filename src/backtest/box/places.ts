import { SourceMap } from 'node:module';
import type { Written } from '../compile/marks.ts';

/** `line:column` in the author's file of a place in the script, or undefined. */
export type SourcePlaces = (line: number, column: number) => string | undefined;

const MARK = '\n//# sourceMappingURL=data:application/json;base64,';

/**
 * Takes the inline source map off a script: the candidate has no use for it, and the harness names lines with it. `written`: what stands in the
 * script beside the author's text.
 */
export function splitMap(code: string, written?: Written): { script: string; placeOf: SourcePlaces } {
  const at = code.lastIndexOf(MARK);
  if (at < 0) return { script: code, placeOf: () => undefined };
  const text = Buffer.from(code.slice(at + MARK.length).trim(), 'base64').toString();
  let map: SourceMap | undefined;
  return {
    script: code.slice(0, at),
    placeOf(line, column) {
      map ??= new SourceMap(JSON.parse(text));
      const entry = map.findEntry(line - 1, column - 1);
      if (!('originalLine' in entry)) return undefined;
      const [own, place] = [entry.originalLine + 1, entry.originalColumn + 1];
      return `${own}:${authored(own, place, written)}`;
    },
  };
}

/** The column without what was written before it in its line. */
function authored(line: number, column: number, written: Written | undefined): number {
  let own = column;
  for (const each of written?.places ?? []) if (each.line === line && each.column < own) own -= each.length;
  return own;
}
