import { readFileSync } from 'node:fs';
import { promptForm } from '../../../agent/prompts.ts';
import { blocksOf } from '../../../agent/turn/blocks.ts';
import { projectFile } from '../../../base/roots.ts';

/** The right call of every indicator by its name, from the rules in their long form: a refusal may name any of them. */
export function signaturesOf(projectDir: string): Map<string, string> {
  return signaturesIn(promptForm(readFileSync(projectFile(projectDir, 'prompts', 'system.md'), 'utf8'), 'long', true));
}

/** `rsi(x, n)` and the like as the system text writes them, by name; what stands behind it of its parts (`with .upper .lower`) belongs to it. */
function signaturesIn(system: string): Map<string, string> {
  const from = system.indexOf('# Indicators');
  const page = system.slice(from, system.indexOf('\n#', from + 1));
  const bands = /- Bands with ([.\w ]+):(.*)/.exec(page);
  return new Map(
    [...page.matchAll(/\b([a-zA-Z]\w*)\(([\w, ]+)\)((?: and \w+\([\w, ]+\))? with [.\w ]+)?/g)].map(
      ([all, name, args, parts]) => {
        const own = bands?.[2].includes(all) ? ` with ${bands[1]}` : (parts ?? '').replace(/^ and .*? with/, ' with');
        return [name, `${name}(${args})${own.trimEnd()}`];
      },
    ),
  );
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

/** What to say to a strategy that is the example of the instructions under another name; null for any other. Names, texts, comments, imports and layout do not count. */
export function exampleProblem(source: string, projectDir: string): string | null {
  const system = readFileSync(projectFile(projectDir, 'prompts', 'system.md'), 'utf8');
  const example = blocksOf(system).find(({ text }) => text.includes('defineStrategy('));
  if (example === undefined || bare(source) !== bare(example.text)) return null;
  return 'This is the example of the instructions under another name; nothing was spent. Write a strategy of your own: another entry, exit or indicator.';
}

function bare(source: string): string {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replaceAll(/^import\b.*$/gm, '')
    .replaceAll(/\b(family|hypothesis|timeframe)\s*:\s*(['"`])(?:(?!\2)[\s\S])*\2/g, '')
    .replaceAll(/[\s,;]/g, '');
}
