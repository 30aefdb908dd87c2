import { blocksOf } from '../../../agent/turn/blocks.ts';

/** The two lines of a hypothesis in an answer, each empty where it is missing. */
export function hypothesisIn(answer: string): { hypothesis: string; bound: string } {
  const text = textOf(answer);
  const line = /hypothesis\W*:\W*([^\n]{20,300})/i.exec(text)?.[1] ?? '';
  const hypothesis = line.replace(/\s*refuted if.*$/i, '').replace(/[`*"]+$/, '');
  return { hypothesis, bound: /refuted if\W*:?\s*([^\n]{3,200})/i.exec(text)?.[1] ?? '' };
}

/** Whether an answer follows a hint, and why. What begins with neither yes nor no is a no. */
export function hintAnswerIn(answer: string): { accepted: boolean; why: string } {
  const text = textOf(answer).trim();
  const [, word = 'no', why = text] = /^\W*(yes|no)\b[\s:,.-]*([\s\S]*)$/i.exec(text) ?? [];
  return { accepted: /yes/i.test(word), why: why.trim().slice(0, 300) || 'the model gave no reason' };
}

function textOf(answer: string): string {
  return blocksOf(answer)[0]?.text ?? answer;
}
