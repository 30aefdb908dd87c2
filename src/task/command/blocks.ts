import { readFileSync } from 'node:fs';
import type { BlocksStep, CallTool, Drive } from '../../agent/contract.ts';
import { blocksOf } from '../../agent/turn/blocks.ts';
import { plainLine } from '../../base/plain.ts';
import { projectFile } from '../../base/roots.ts';
import { fillTemplate, sectionsOf } from '../../search/digest/brief.ts';
import type { Cycle } from '../task.ts';
import { registered } from '../tools/hypothesis.ts';
import { systemText } from './brief.ts';
import type { Contract } from './contract/contract.ts';
import { draftOf, textOf } from './draft.ts';
import type { Bench } from './run/bench.ts';

/** Requests in one cycle. */
const MOST_ASKS = 3;
/** Longest answer: a file of this many tokens and a line before it. */
const ANSWER_TOKENS = 1600;
/** In the words that the harness judges a hypothesis by: a change is a share of the best, positive when better. */
const REFUTED = 'change < 1%';

type Ran = BlocksStep['ran'][number];

/** The blocks wire of a project: one file a cycle, asked for whole, with an idea of where to look. The harness writes and measures it. */
export function blocksOfProject(
  cycle: Cycle,
  call: CallTool,
  { projectDir, contract, bench, task }: { projectDir: string; contract: Contract; bench: Bench; task: string },
): { system: string; drive: Drive } {
  const asks = sectionsOf(readFileSync(projectFile(projectDir, 'prompts', 'project-blocks.md'), 'utf8'));
  const path = bench.editable[cycle.id % bench.editable.length] ?? '';
  const ideas = (asks.get('ideas') ?? '').split('\n');
  let tries = 0;
  let ran: Ran[] = [];
  const run = async (name: string, args: Record<string, unknown>) => {
    const { ok, content } = await call(name, args);
    ran.push({ name, args, ok, content });
    return { ok, content };
  };
  const ask = (name: string, values: Record<string, string>) => fillTemplate(asks.get(name) ?? '', { path, ...values });
  /** What is wrong with an answer; null when the change was kept. */
  const take = async (answer: string | null): Promise<string> => {
    const block = blocksOf(answer ?? '').toSorted((a, b) => b.text.length - a.text.length)[0];
    if (!block) return 'the answer held no whole fenced block with the file';
    await register(ideaIn(answer ?? ''));
    const written = await run('write_file', { path, content: `${block.text.trimEnd()}\n` });
    if (!written.ok) return written.content;
    return (await run('measure', {})).content;
  };
  const register = async (idea: string) => {
    if (registered(cycle)) return;
    const words = idea.toLowerCase().match(/[a-z][a-z0-9]{2,}/g) ?? ['change'];
    const family = words.slice(0, 3).join('-').slice(0, 40);
    const hypothesis = idea.length >= 20 ? idea : `${idea}: it should make the metric better.`;
    await run('register_hypothesis', { family, hypothesis, refuted_if: REFUTED });
  };
  const drive: Drive = async (answer) => {
    ran = [];
    let problem = '';
    if (tries > 0) {
      problem = await take(answer);
      if (/ KEEP\./.test(problem) || tries >= MOST_ASKS || cycle.trialsLeft() < 1) {
        await run('finish', { summary: plainLine(problem.slice(0, 200)) });
        return { ran, remark: null, ask: null, attempt: tries, answerTokens: 0 };
      }
    }
    tries += 1;
    const file = textOf(bench, draftOf(cycle), path) ?? '';
    const idea = ideas[(cycle.id - 1) % ideas.length];
    const text = problem
      ? ask('again', { problem: plainLine(problem, 600) })
      : ask('change', { task, file: file.trimEnd(), idea });
    return { ran, remark: problem || null, ask: text, attempt: tries - 1, answerTokens: ANSWER_TOKENS };
  };
  return { system: systemText(asks.get('system') ?? '', contract), drive };
}

/** The sentence that an answer begins with. */
function ideaIn(answer: string): string {
  const line = /idea\W*:\W*([^\n`]{3,240})/i.exec(answer)?.[1] ?? answer.split('```')[0].trim().split('\n')[0] ?? '';
  return plainLine(line.trim().slice(0, 240)) || 'A changed file';
}
