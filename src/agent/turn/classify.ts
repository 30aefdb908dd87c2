import { jsonrepair } from 'jsonrepair';
import { jsonIn } from '../../base/json.ts';
import type { Completion, RawCall } from '../client/completion.ts';
import type { ToolDefinition, TurnClass } from '../contract.ts';
import { sharedLength } from '../history/prefix.ts';
import { endsInFence } from './blocks.ts';
import { type Coerced, coerce } from './coerce.ts';
import { isUnterminated } from './json-span.ts';
import { resolveTool, unknownTool } from './names.ts';
import { candidateCall, salvage, wholeCall } from './salvage.ts';
import { isAnnouncement, looksLikeCall, splitThinking, stripOrphanTags } from './text.ts';

/** A call after judgement: ready to run, or with the one line that the model gets instead of a result. */
export interface JudgedCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly problem: string | null;
}

/** One answer, judged. Only calls without a problem may run, and only in the classes that have calls. */
export interface Judgement {
  readonly class: TurnClass;
  readonly calls: readonly JudgedCall[];
  readonly content: string;
  readonly reasoning: string;
  /** What is wrong, for the transcript and for the note to the model; null when nothing is. */
  readonly remark: string | null;
}

/**
 * Gives an answer its one class. The order is the safety argument: what was cut is never searched for calls, what the
 * server parsed is checked before it may run, and text is searched only when there is nothing else.
 */
export function classify(answer: Completion, tools: readonly ToolDefinition[]): Judgement {
  const { content: text, reasoning } = splitThinking(answer.content, answer.reasoning);
  const content = stripOrphanTags(text);
  const judged = (kind: TurnClass, remark: string | null, calls: readonly JudgedCall[] = []): Judgement => ({
    class: kind,
    calls,
    content,
    reasoning,
    remark,
  });

  if (answer.loop) return judged('REPEAT', `the answer went round in circles: ${answer.loop}`);
  const cut = cutOf(answer);
  if (cut) return judged('TRUNCATED', cut);
  if (isSwallowed(answer)) return judged('STREAM_ERROR', 'most of the answer was made but not delivered');

  const calls = answer.calls.filter((call) => call.name.trim() !== '' || call.arguments.trim() !== '');
  if (calls.length > 0) {
    if (endsInFence(content))
      return judged('ANNOUNCED_ONLY', 'the call stood inside a code fence and was taken for an example');
    return judgeCalls(calls, tools, judged);
  }
  return judgeText(text, content, reasoning, tools, judged);
}

type Judge = (kind: TurnClass, remark: string | null, calls?: readonly JudgedCall[]) => Judgement;

function judgeCalls(calls: readonly RawCall[], tools: readonly ToolDefinition[], judged: Judge): Judgement {
  let kind: TurnClass = 'OK_CALLS';
  const results = calls.map((call): JudgedCall => {
    const tool = resolveTool(call.name, tools);
    if (!tool) {
      kind = 'UNKNOWN_TOOL';
      return { name: call.name, args: {}, problem: unknownTool(call.name, tools) };
    }
    const coerced = parseArguments(call.arguments, tool);
    if (coerced.ok) return { name: tool.name, args: coerced.args, problem: null };
    if (kind === 'OK_CALLS') kind = 'MALFORMED_ARGS';
    return { name: tool.name, args: {}, problem: coerced.problem };
  });
  return judged(kind, results.find((call) => call.problem)?.problem ?? null, results);
}

function parseArguments(text: string, tool: ToolDefinition): Coerced {
  if (text.trim() === '') return coerce({}, tool);
  let value = jsonIn(text);
  // A whole argument object that was encoded once more.
  if (typeof value === 'string') value = jsonIn(value);
  if (value === undefined) {
    const problem = `error: ${tool.name} was not run: its arguments are not valid JSON: ${whereBroken(text)}. Send the call again.`;
    return { ok: false, problem };
  }
  return coerce(value, tool);
}

function judgeText(
  raw: string,
  content: string,
  reasoning: string,
  tools: readonly ToolDefinition[],
  judged: Judge,
): Judgement {
  // A call inside the thinking counts only when nothing was said after it.
  const found =
    salvage(raw, tools) ??
    wholeCall(content, tools) ??
    candidateCall(content, tools) ??
    (content.trim() === '' ? salvage(reasoning, tools) : null);
  if (found) {
    const calls = found.calls.map(({ tool, args }): JudgedCall => {
      const coerced = coerce(args, tool);
      return coerced.ok
        ? { name: tool.name, args: coerced.args, problem: null }
        : { name: tool.name, args: {}, problem: coerced.problem };
    });
    const inContent = content.trim() !== '';
    return {
      ...judged('SALVAGED', 'the server left the call in the text', calls),
      content: inContent ? stripOrphanTags(found.before) : '',
      reasoning: inContent ? reasoning : found.before,
    };
  }
  if (content.trim() === '')
    return looksLikeCall(reasoning)
      ? judged('MALFORMED_ARGS', 'a call stood inside the thinking, in a form that cannot be run')
      : judged('EMPTY_TURN', 'neither text nor a call');
  if (looksLikeCall(content))
    return judged(
      'MALFORMED_ARGS',
      `a call stood in the text, in a form that cannot be run or with words after it${jsonFault(content)}`,
    );
  if (/<tool_call>|<function=|<invoke\s/.test(content))
    return judged('ANNOUNCED_ONLY', 'the call stood inside a code fence and was taken for an example');
  return judged(isAnnouncement(content) ? 'ANNOUNCED_ONLY' : 'OK_TEXT', 'text without a call');
}

/** Why the JSON of a call in the text cannot be read; empty when there is none, or it can. */
function jsonFault(text: string): string {
  const json = /<tool_call>\s*(\{[\s\S]*?\})\s*<\/tool_call>/.exec(text)?.[1];
  return json && jsonIn(json) === undefined ? `: ${whereBroken(json)}` : '';
}

/**
 * Where a text stops being JSON, in words for the model: what a repair would change first. The repaired text itself is
 * never used: a guess must not be run.
 */
function whereBroken(text: string): string {
  let repaired: string;
  try {
    repaired = jsonrepair(text);
  } catch (error) {
    return (error as Error).message.slice(0, 80);
  }
  const at = sharedLength(text, repaired);
  if (/[\n\r\t]/.test(text[at] ?? ''))
    return `a raw line break or tab at character ${at}; inside a string write \\n or \\t`;
  const before = text.slice(Math.max(0, at - 20), at);
  return `it breaks at character ${at}, after ${JSON.stringify(before)}`;
}

/** Why the answer must be taken for cut, or null. finish_reason alone cannot be trusted. */
function cutOf(answer: Completion): string | null {
  if (answer.finish === 'length') return `cut at ${answer.cap} tokens`;
  if (answer.finish === null) return 'the answer ended without a finish reason';
  if (answer.finish === 'abort' || answer.finish === 'error') return `the server ended the answer: ${answer.finish}`;
  if (answer.usage && answer.usage.completion >= answer.cap)
    return `cut at ${answer.cap} tokens, though the server says ${answer.finish}`;
  if (answer.calls.some((call) => isUnterminated(call.arguments))) return 'the arguments of a call stop in the middle';
  if (answer.calls.length === 0 && /<\/?[a-z_]{0,20}$/i.test(answer.content)) return 'the text stops inside a tag';
  return null;
}

/** Far fewer characters than tokens: a parser swallowed the rest. A token is hardly ever shorter than one character. */
function isSwallowed(answer: Completion): boolean {
  if (!answer.usage || answer.usage.completion < 48 || answer.finish === 'length') return false;
  // Whole calls behind thinking that the server keeps to itself.
  if (answer.finish === 'tool_calls' && answer.calls.length > 0 && answer.reasoning === '') return false;
  const delivered =
    answer.content.length +
    answer.reasoning.length +
    answer.calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);
  return delivered > 0 && delivered < answer.usage.completion * 0.7;
}
