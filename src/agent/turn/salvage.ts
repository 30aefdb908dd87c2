import type { ToolDefinition } from '../contract.ts';
import { blocksOf, candidateIn } from './blocks.ts';
import { jsonCallsAt } from './json-call.ts';
import { resolveTool } from './names.ts';
import { withoutCode } from './text.ts';
import { type FoundCall, xmlCallAt } from './xml-call.ts';

export interface Salvage {
  readonly calls: readonly { readonly tool: ToolDefinition; readonly args: Readonly<Record<string, unknown>> }[];
  /** What stood before the calls. */
  readonly before: string;
}

/**
 * A message that is one call and nothing else, in a dress that a server's parser does not know: JSON, a line of code or markup in a fence, or
 * bare with its braces doubled. With words around it, it stays an example.
 */
export function wholeCall(text: string, tools: readonly ToolDefinition[]): Salvage | null {
  const fenced = /^\s*```([\w-]*)[ \t]*\n([\s\S]*?)\n[ \t]*```\s*$/.exec(text);
  const inside = (fenced?.[2] ?? text).trim();
  if (inside === '' || inside.includes('```')) return null;
  const marked = fenced && inside.startsWith('<') ? salvage(inside, tools) : null;
  if (marked) return marked.calls.length === 1 && marked.before.trim() === '' ? marked : null;
  const json = inside.replace(/^\{\{(?=\s*")/, '{');
  const calls = json.startsWith('{') ? jsonCallsAt(json, 0, tools) : codeCallsAt(inside, tools);
  if (calls?.length !== 1) return null;
  const rest = (json.startsWith('{') ? json : inside).slice(calls[0].end);
  // `{{"name": …}}}` closes more than it opened; nothing else may follow.
  if (!(rest === '' || (json !== inside && /^[}\s]*$/.test(rest)))) return null;
  return { calls: calls.map(({ tool, args }) => ({ tool, args })), before: '' };
}

/**
 * A strategy in a block of code is the candidate: small models show the file where a call with the file in a string is asked for. A block that
 * the words before it call an example is none.
 */
export function candidateCall(text: string, tools: readonly ToolDefinition[]): Salvage | null {
  const tool = tools.find(({ name }) => name === 'write_candidate');
  const strategy = tool ? candidateIn(text) : null;
  if (!tool || strategy === null) return null;
  const [before] = text.split('```');
  if (/\b(?:examples?|for instance|e\.g\.)(?=[\s,:.])/i.test(before.slice(-200))) return null;
  const yaml = blocksOf(text).find((block) => /^ya?ml$/.test(block.language))?.text;
  return { calls: [{ tool, args: { strategy, ...(yaml === undefined ? {} : { yaml }) } }], before };
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly calls: readonly FoundCall[];
}

/**
 * Between two calls, and after the last, nothing but white space and stray markup may stand. A parameter's closing tag is not
 * stray: it means that a value held markup itself and was cut.
 */
const ONLY_MARKUP = /^(?:\s|<\/(?!parameter\b|param\b|arg\b)[\w:-]+>|<\|[^|>\n]*\|>|<\/?tool_calls?>)*$/;

/**
 * Finds calls that a server left in the text: Hermes JSON, Qwen XML and their drifted forms. Only at the tail of the
 * text, only registered names, never inside code fences or inline code, and only whole calls. The caller must not hand
 * in the text of a turn that was cut.
 */
export function salvage(text: string, tools: readonly ToolDefinition[]): Salvage | null {
  const found = callSpans(text, tools);
  const end = endOfTurn(text, found);
  const spans = found.filter((span) => span.end <= end);
  let first = spans.length;
  for (let after = end; first > 0; first--) {
    const span = spans[first - 1];
    if (!ONLY_MARKUP.test(text.slice(span.end, after))) break;
    after = span.start;
  }
  const tail = spans.slice(first);
  if (tail.length === 0) return null;
  const earlier = without(text.slice(0, tail[0].start), spans.slice(0, first));
  // Half of what was asked for is not what was asked for: a check without the write before it.
  if (BROKEN_CALL.test(withoutCode(earlier)) || isExample(earlier, text.slice(tail[tail.length - 1].end, end)))
    return null;
  const calls = tail.flatMap((span) => span.calls.map(({ tool, args }) => ({ tool, args })));
  return { calls, before: text.slice(0, tail[0].start).replace(/(?:\s|<\/?tool_calls?>)+$/, '') };
}

/** A call that was written to its end and cannot be read. */
const BROKEN_CALL = /<tool_call>[\s\S]*<\/tool_call>|<function=[\s\S]*<\/function>/;
/** Tokens that end a turn: what a model says behind them it says for somebody else. */
const TURN_TOKEN = /<\|(?:im_end|im_start|endoftext)\|>/g;

/** Where the model's own turn ends: at the first token outside of calls that ends it. */
function endOfTurn(text: string, spans: readonly Span[]): number {
  const opening = /^\s*<\|im_start\|>(?:assistant)?/.exec(text)?.[0].length ?? 0;
  for (const { index } of text.slice(opening).matchAll(TURN_TOKEN)) {
    const at = opening + index;
    if (!spans.some(({ start, end }) => at >= start && at < end)) return at;
  }
  return text.length;
}

/** `<example>` or `<pre>` around a call: its closing tag behind the call, its opening one before. */
function isExample(before: string, after: string): boolean {
  return [...after.matchAll(/<\/([\w:-]+)>/g)].some(
    ([, name]) => !/^(?:tool|function|invoke|think)/.test(name) && before.includes(`<${name}>`),
  );
}

function without(text: string, spans: readonly Span[]): string {
  return spans.reduceRight((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
}

/** Beginnings of JSON that are followed to their end: each may be as long as the text. */
const MOST_TRIES = 500;

function callSpans(text: string, tools: readonly ToolDefinition[]): Span[] {
  const spans: Span[] = [];
  const tries = { left: MOST_TRIES };
  for (let at = 0; at < text.length; ) {
    const skipped = codeEnd(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const span = spanAt(text, at, tools, tries);
    if (span) spans.push(span);
    at = span ? span.end : at + 1;
  }
  return spans;
}

function spanAt(text: string, at: number, tools: readonly ToolDefinition[], tries: { left: number }): Span | undefined {
  const char = text[at];
  if (char === '{' || char === '[') {
    // Bare JSON counts only on a line of its own, or behind a special token: prose quotes such objects.
    if (!/(?:^|\n|\|>|\[TOOL_CALLS\])[ \t]*$/.test(text.slice(Math.max(0, at - 80), at))) return undefined;
    return tries.left-- > 0 ? spanOf(at, jsonCallsAt(text, at, tools)) : undefined;
  }
  // Indented by four, it is a code block.
  if (char !== '<' || /(?:^|\n)(?: {4}|\t)[ \t]*$/.test(text.slice(Math.max(0, at - 80), at))) return undefined;
  const opener = /^<(?:tool_call|function_call|tool_calls)>\s*(?:<tool_call>\s*)*/.exec(text.slice(at, at + 400));
  const inner = at + (opener?.[0].length ?? 0);
  if (opener && (text[inner] === '{' || text[inner] === '['))
    return tries.left-- > 0 ? spanOf(at, jsonCallsAt(text, inner, tools)) : undefined;
  const call = xmlCallAt(text, inner, tools);
  return spanOf(at, call && [call]);
}

function spanOf(start: number, calls: readonly FoundCall[] | undefined): Span | undefined {
  return calls && { start, end: calls[calls.length - 1].end, calls };
}

/** The end of the fenced block or inline code that starts here, the text's end for a fence left open, or `at`. */
function codeEnd(text: string, at: number): number {
  const char = text[at];
  if (char !== '`' && char !== '~') return at;
  const run = /^(?:`+|~+)/.exec(text.slice(at, at + 100))?.[0] ?? char;
  if (run.length >= 3 && opensBlock(text, at, run)) {
    const close = new RegExp(`\\n[ \\t]*${char}{${run.length},}[ \\t]*(?:\\n|$)`, 'g');
    close.lastIndex = at + run.length;
    return close.test(text) ? close.lastIndex : text.length;
  }
  if (char !== '`') return at + run.length;
  const close = text.indexOf(run, at + run.length);
  return close !== -1 && !text.slice(at, close).includes('\n\n') ? close + run.length : at + run.length;
}

/** A fence on a line of its own; behind words or the mark of a list, three that are not closed in their line open a block as well. */
function opensBlock(text: string, at: number, run: string): boolean {
  if (text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '') return true;
  const lineEnd = text.indexOf('\n', at);
  return run[0] === '`' && !text.slice(at + run.length, lineEnd === -1 ? text.length : lineEnd).includes(run);
}

/** One literal as JavaScript and Python write it, at the start of a text. */
const LITERAL =
  /^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|`((?:\\.|[^`\\$])*)`|(-?\d+(?:\.\d+)?(?:e-?\d+)?)\b|(true|false|null|None|True|False)\b)/i;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * A text that is one call as code: `backtest('x.ts')`, `await check(path="x.ts");`, `backtest({ name: 'x' })`. Arguments are plain literals, by
 * keyword or in the order of the tool's parameters. Undefined for anything else: other code is not run.
 */
function codeCallsAt(text: string, tools: readonly ToolDefinition[]): FoundCall[] | undefined {
  const head = /^(?:await\s+)?([\w.]+)\s*\(\s*(\{?)/.exec(text);
  const tool = head && resolveTool(head[1], tools);
  if (!head || !tool) return undefined;
  const parameters = tool.parameters.required.concat(Object.keys(tool.parameters.properties));
  const names = [...new Set(parameters)];
  const args: Record<string, unknown> = {};
  let rest = text.slice(head[0].length).trimStart();
  for (let n = 0; rest !== '' && !/^[)}]/.test(rest); n++) {
    const key = /^(?:(\w+)|"(\w+)"|'(\w+)')\s*[=:]\s*/.exec(rest);
    if (key) rest = rest.slice(key[0].length);
    else if (head[2] === '{') return undefined;
    const literal = LITERAL.exec(rest);
    const name = key ? (key[1] ?? key[2] ?? key[3]) : names[n];
    if (!literal || name === undefined || Object.hasOwn(args, name)) return undefined;
    args[name] = literalValue(literal);
    rest = rest.slice(literal[0].length).trimStart();
    const comma = /^,\s*/.exec(rest);
    if (comma) rest = rest.slice(comma[0].length);
    else if (!/^[)}]/.test(rest)) return undefined;
  }
  const closed = (head[2] === '{' ? /^\}\s*\)\s*;?$/ : /^\)\s*;?$/).test(rest);
  return closed ? [{ tool, args, end: text.length }] : undefined;
}

function literalValue([, double, single, back, number, word]: RegExpExecArray): unknown {
  const text = double ?? single ?? back;
  if (text !== undefined) return text.replaceAll(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] ?? char);
  if (number !== undefined) return Number(number);
  return /^n/i.test(word) ? null : /^true$/i.test(word);
}
