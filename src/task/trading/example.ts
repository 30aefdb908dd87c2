import { readFileSync } from 'node:fs';
import { blocksOf } from '../../agent/turn/blocks.ts';
import { projectFile } from '../../base/roots.ts';

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
