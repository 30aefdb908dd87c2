import { blocksOf } from '../../agent/turn/blocks.ts';

/** Whether a strategy is the example of the instructions under another name: names, texts, comments, imports and layout aside. */
export function isExample(source: string, system: string): boolean {
  const example = blocksOf(system).find(({ text }) => text.includes('defineStrategy('));
  return example !== undefined && bare(source) === bare(example.text);
}

function bare(source: string): string {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replaceAll(/^import\b.*$/gm, '')
    .replaceAll(/\b(family|hypothesis|timeframe)\s*:\s*(['"`])(?:(?!\2)[\s\S])*\2/g, '')
    .replaceAll(/[\s,;]/g, '');
}
