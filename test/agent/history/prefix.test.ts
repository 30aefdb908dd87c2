import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Message } from '../../../src/agent/history/message.ts';
import { promptText, sharedLength } from '../../../src/agent/history/prefix.ts';
import { loadTools } from '../../../src/agent/prompts.ts';
import { say } from '../../../src/base/draw/terminal.ts';
import type { Brain } from '../../../src/lab/server/brain.ts';
import { hold } from '../fixtures/desk.ts';

const PROMPTS = join(import.meta.dirname, '../../../prompts');
const system = readFileSync(join(PROMPTS, 'system.md'), 'utf8');
const program = readFileSync(join(PROMPTS, 'program.md'), 'utf8').replaceAll(
  /<!--[\s\S]*?-->|```phases[\s\S]*?```/g,
  '',
);
const tools = loadTools(join(PROMPTS, 'tools.yaml'));
const STRATEGY = readFileSync(join(PROMPTS, '..', 'strategies', 'library', 'donchian-breakout.ts'), 'utf8');

/** The order of work of prompts/system.md, with one failed turn. */
const STEPS: ReturnType<Brain>[] = [
  { calls: [{ name: 'query_journal', args: { kind: 'families' } }] },
  { calls: [{ name: 'register_hypothesis', args: { family: 'f', hypothesis: 'h', refuted_if: 'sharpe < 1' } }] },
  { content: 'Let me write it now.', calls: [] },
  { calls: [{ name: 'write_candidate', args: { name: 'c', strategy: STRATEGY, yaml: 'strategy: c.ts' } }] },
  { calls: [{ name: 'check_candidate', args: { name: 'c' } }] },
  { calls: [{ name: 'backtest', args: { name: 'c' } }] },
  { calls: [{ name: 'finish', args: { summary: 's' } }] },
];

test('what a prefix cache can serve: at least 85% within a session, 60% from one cycle to the next', async () => {
  const brain: Brain = async ({ turn }) => ({
    reasoning: 'I think about the next step for a while.',
    ...(await STEPS[Math.min(turn, STEPS.length - 1)]),
  });
  const firsts: string[] = [];
  const within: number[] = [];
  for (const cycle of ['a', 'b']) {
    // The part that changes as large as the briefs of a long run.
    const task = `${program}\n\n# Your task in this cycle\n\n${`${cycle}: what was tried, and what came out.\n`.repeat(180)}`;
    const callTool = async (name: string) => ({
      ok: true,
      content: `${name}: ${'a line of the answer\n'.repeat(30)}`,
      final: name === 'finish',
    });
    const { end, entries } = await hold({ brain }, { system, task, tools }, { callTool });
    assert.equal(end.reason, 'finished', end.detail);
    within.push(end.prefixShare);
    const first = entries.find(({ kind }) => kind === 'request')?.data as { added: Message[] };
    firsts.push(promptText(tools, first.added));
  }
  const across = sharedLength(firsts[0], firsts[1]) / firsts[1].length;
  const changing = firsts[1].length - sharedLength(firsts[0], firsts[1]);
  say(
    `within a session ${(100 * Math.min(...within)).toFixed(1)}%, across cycles ${(100 * across).toFixed(1)}% with ${changing} changing characters`,
  );
  assert.ok(Math.min(...within) >= 0.85, `${within}`);
  assert.ok(across >= 0.6, `${across}`);
});
