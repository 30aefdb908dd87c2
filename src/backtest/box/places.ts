import { SourceMap } from 'node:module';

/** `line:column` in the author's file of a place in the script, or undefined. */
export type SourcePlaces = (line: number, column: number) => string | undefined;

const MARK = '\n//# sourceMappingURL=data:application/json;base64,';

/** Takes the inline source map off a script: the candidate has no use for it, and the harness names lines with it. */
export function splitMap(code: string): { script: string; placeOf: SourcePlaces } {
  const at = code.lastIndexOf(MARK);
  if (at < 0) return { script: code, placeOf: () => undefined };
  const text = Buffer.from(code.slice(at + MARK.length).trim(), 'base64').toString();
  let map: SourceMap | undefined;
  return {
    script: code.slice(0, at),
    placeOf(line, column) {
      map ??= new SourceMap(JSON.parse(text));
      const entry = map.findEntry(line - 1, column - 1);
      return 'originalLine' in entry ? `${entry.originalLine + 1}:${entry.originalColumn + 1}` : undefined;
    },
  };
}
