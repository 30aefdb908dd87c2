import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** Words that made readers stop, and the plain word for each. */
const HARD: readonly (readonly [RegExp, string])[] = [
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bwhoever\b/i, 'anyone who, or an imperative'],
  [/\bnobody's\b/i, 'what it is instead'],
];

/** Pages and configs as they are; of code the lines that are no comment, because that is where messages are. */
const texts = [
  ...globSync(['*.md', '{src,config,prompts,vllm,strategies}/**/*.md', 'config/*.yaml'], { cwd: ROOT }),
  ...globSync('src/**/*.ts', { cwd: ROOT }).filter((path) => !path.startsWith('src/lab/')),
];

test('messages and pages use the plain word', () => {
  assert.ok(texts.length > 400, `${texts.length} files`);
  const found = texts.flatMap((path) =>
    readFileSync(join(ROOT, path), 'utf8')
      .split('\n')
      .flatMap((line, i) => {
        if (path.endsWith('.ts') && /^\s*(\/\/|\/?\*)/.test(line)) return [];
        return HARD.filter(([word]) => word.test(line)).map(
          ([, plain]) => `${path}:${i + 1}: ${line.trim()} -> ${plain}`,
        );
      }),
  );
  assert.deepEqual(found, []);
});
