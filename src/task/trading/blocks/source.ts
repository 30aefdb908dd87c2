import { withImports } from '../../../strategy/imports.ts';

/** Bars that are handed out before the first decision where a strategy does not say how many it needs. */
const WARMUP = 200;

/** What the harness writes into a strategy itself: import line, export, the registered family and hypothesis, a warmup where none is set. */
export function completeSource(source: string, registered: { family: string; hypothesis: string }): string {
  const body = source
    .replaceAll(/^[ \t]*import\b[^;]*?from\s*['"][^'"]*['"];?[ \t]*\n?/gm, '')
    .replace(/^[ \t]*(?:export\s+default\s+)?defineStrategy\s*\(/m, 'export default defineStrategy(')
    .trim();
  const warm = /\bwarmup\b/.test(body)
    ? body
    : body.replace(/defineStrategy\s*\(\s*\{/, (head) => `${head}\n  warmup: ${WARMUP},`);
  const named = setLiteral(setLiteral(warm, 'hypothesis', registered.hypothesis), 'family', registered.family);
  return withImports(`\n${named}\n`).source;
}

function setLiteral(body: string, key: string, value: string): string {
  const text = `'${value.replaceAll(/\s+/g, ' ').replaceAll('\\', '').replaceAll("'", '’')}'`;
  const line = new RegExp(`(\\b${key}\\s*:\\s*)(['"\`])(?:\\\\.|(?!\\2)[\\s\\S])*\\2`);
  return line.test(body)
    ? body.replace(line, (_, head: string) => `${head}${text}`)
    : body.replace(/defineStrategy\s*\(\s*\{/, (head) => `${head}\n  ${key}: ${text},`);
}

/**
 * The first problems of a refused file for a request that does not show the file: each with the line it names and the lines around it, and the
 * right calls of the indicators on that line.
 */
export function problemWithLines(problem: string, source: string, signatures: ReadonlyMap<string, string>): string {
  const lines = source.split('\n');
  return problem
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2)
    .map((line) => {
      const at = Number(/^(?:\w[\w-]*\.ts:)?(\d+):\d+/.exec(line)?.[1] ?? Number.NaN);
      if (!(at >= 1 && at <= lines.length)) return line.slice(0, 300);
      const around = [at - 1, at, at + 1].filter((n) => n >= 1 && n <= lines.length);
      const rules = [...signatures]
        .filter(([name]) => new RegExp(`\\b${name}\\(`).test(lines[at - 1]))
        .map(([, rule]) => rule);
      return [
        line.slice(0, 300),
        ...around.map((n) => `${n}| ${lines[n - 1].slice(0, 160)}`),
        ...(rules.length > 0 ? [`Right: ${rules.join('; ')}`] : []),
      ].join('\n');
    })
    .join('\n');
}
