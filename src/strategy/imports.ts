import * as contract from './index.ts';

const MODULE = 'ralph/strategy';

/** Functions of the contract, by name: what a strategy file may call without importing it. */
export const KNOWN: ReadonlySet<string> = new Set(Object.keys(contract));

/** Types of the contract. They are imported only where the file asks for them. */
const TYPES = new Set(
  `Timeframe ClosedBar Now OrderOptions Protection Series Bands Macd Aroon Stochastic DirectionalMovement TrailingLine
  Indicator SymbolView UniverseNow`.split(/\s+/),
);

const IMPORT = /^[ \t]*import\s+(?:type\s+)?\{([^}]*)\}\s*from\s*(['"])([^'"\n]*)\2[ \t]*;?/gm;

/** A strategy file with the import line that the harness wrote. */
export interface WithImports {
  readonly source: string;
  /** What was changed, for the author; null when the file was right as it stood. */
  readonly note: string | null;
}

/**
 * Writes the import line of a strategy file, because models forget and invent it: one line with every known name that the
 * file calls or imports. An import of known names from another module is replaced; any other import is left for the import
 * policy to refuse. The new line takes the place of the first import, so that the other lines keep their numbers; a file
 * without imports gets it as line 1.
 */
export function withImports(source: string): WithImports {
  const wanted = new Set<string>();
  let [foreign, unknown, first] = [false, false, -1];
  const mine = (names: readonly string[], module: string) => module === MODULE || names.every((name) => isKnown(name));
  for (const found of source.matchAll(IMPORT)) {
    const names = namesOf(found[1]);
    if (!mine(names, found[3])) continue;
    if (first < 0) first = found.index;
    foreign ||= found[3] !== MODULE;
    for (const name of names) {
      if (isKnown(name)) wanted.add(name);
      else unknown = true;
    }
  }
  const imported = new Set([...wanted].map((name) => name.split(/\s+as\s+/)[0]));
  const missing = calledIn(source).filter((name) => !imported.has(name));
  if (!foreign && !unknown && missing.length === 0) return { source, note: null };
  const line = `import { ${[...wanted, ...missing].sort().join(', ')} } from '${MODULE}';`;
  if (first < 0) return { source: `${line}\n${source}`, note: `import line added as line 1: ${line}` };
  const replaced = source.replace(IMPORT, (text, list: string, _quote, module: string, offset: number) => {
    if (!mine(namesOf(list), module)) return text;
    return (offset === first ? line : '') + text.replaceAll(/[^\n]/g, '');
  });
  return { source: replaced, note: `import line replaced: ${line}` };
}

function namesOf(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().replace(/^type\s+/, ''))
    .filter(Boolean);
}

/** `ema`, `Series`, or `ema as fast`. */
function isKnown(specifier: string): boolean {
  const [name] = specifier.split(/\s+as\s+/);
  return KNOWN.has(name) || TYPES.has(name);
}

/** Known functions that the code calls and does not declare at the top level itself. */
function calledIn(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, ' ');
  const declared = new Set([...code.matchAll(/^(?:const|let|var|function)\s+(\w+)/gm)].map(([, name]) => name));
  const called = new Set([...code.matchAll(/(?<![.\w$])([A-Za-z]\w*)\s*\(/g)].map(([, name]) => name));
  return [...called].filter((name) => KNOWN.has(name) && !declared.has(name));
}
