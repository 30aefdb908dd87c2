import type { ServerResponse } from 'node:http';
import { isQuery, type Message } from '../../agent/history/message.ts';
import { promptText, sharedLength } from '../../agent/history/prefix.ts';
import { sha256 } from '../../base/hash.ts';
import { pick, type Random } from '../../base/random.ts';
import { bad, type Refusal, refuseRequest } from './acceptance.ts';
import { type Brain, BrainRefuses, type BrainTool, type BrainTurn } from './brain.ts';
import { messageOf, streamOf, wholeStreamOf } from './chunks.ts';
import { cutTo, type Draft, draftOf } from './draft.ts';
import type { Engine, FaultContext, FaultMode } from './fault-mode.ts';
import { FAULTS } from './faults/catalogue.ts';
import { POISON } from './faults/engine.ts';
import { asText, xmlText } from './faults/markup.ts';
import type { ModelServerOptions } from './options.ts';
import { withProbe } from './probe-brain.ts';
import { send } from './respond.ts';
import { keptOf, newestWithin, STYLES, type Style, type TooLong, tooLong } from './styles.ts';
import { delay, writeStream } from './write-stream.ts';

export interface ServerStats {
  requests: number;
  /** Injected faults by id. */
  faults: Record<string, number>;
  /** Requests that a real template would have refused, by message: a poisoned history. */
  refused: string[];
}

const SILENCE_MS = 3000;

/** POST /v1/chat/completions: checks the request, asks the brain, lets a fault at the answer, puts it on the line. */
export class ChatRoute {
  readonly stats: ServerStats = { requests: 0, faults: {}, refused: [] };
  readonly #options: ModelServerOptions;
  readonly #engine: Engine;
  readonly #random: Random;
  readonly #faults: readonly FaultMode[];
  readonly #brain: Brain;
  readonly #style: Style | undefined;
  readonly #conversations = new Map<string, Map<string, number>>();
  readonly #prompts: string[] = [];
  #ids = 0;
  #injected = 0;

  constructor(options: ModelServerOptions, engine: Engine, random: Random) {
    this.#options = options;
    this.#engine = engine;
    this.#random = random;
    this.#brain = withProbe(options.brain);
    this.#style = options.quirks?.style && STYLES[options.quirks.style];
    const kinds = options.faults?.kinds;
    this.#faults = kinds ? FAULTS.filter(({ id }) => kinds.includes(id)) : FAULTS;
  }

  models(): unknown {
    const { model = 'scripted', window = 32_768 } = this.#options.quirks ?? {};
    return {
      object: 'list',
      data: [{ id: model, object: 'model', owned_by: 'vllm', root: model, max_model_len: window }],
    };
  }

  tokenize(body: Record<string, unknown>): unknown {
    const { window = 32_768 } = this.#options.quirks ?? {};
    return { count: this.#count(this.#prompt(body)), max_model_len: window };
  }

  async answer(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    this.stats.requests += 1;
    const refusal = this.#refusal(body);
    if (refusal) return this.#refuse(response, refusal);
    const need = this.#tooLong(body);
    const end = need && (this.#style ?? { tooLong }).tooLong(need);
    if (end === 'nothing') return void response.writeHead(200).end();
    if (end && typeof end === 'object') {
      if ('stream' in end && body.stream === true) return writeStream(response, end.stream, 0, this.#style);
      return 'stream' in end
        ? send(response, 200, end.stream.map((wire) => ('json' in wire ? wire.json : null))[0])
        : this.#refuse(response, end);
    }
    const read = end === 'cut' && need ? newestWithin(body.messages as Message[], keptOf(need.window)) : null;
    const drafted = await this.#draft(read ? { ...body, messages: read } : body).catch((thrown: unknown) => {
      if (!(thrown instanceof BrainRefuses)) throw thrown;
      return { status: thrown.status, message: thrown.message, type: 'BrainRefuses' };
    });
    if ('status' in drafted) return this.#refuse(response, drafted);
    let draft: Draft = read ? { ...drafted, promptTokens: keptOf(need?.window ?? 0) } : drafted;
    const context = this.#context(body, draft);
    const fault = this.#fault(draft, context);
    if (fault) this.stats.faults[fault.id] = (this.stats.faults[fault.id] ?? 0) + 1;
    fault?.engine?.(this.#engine, context);
    const refused = fault?.refuse?.(context);
    if (fault && refused) {
      context.conversation.set(fault.id, 1);
      return this.#refuse(response, refused);
    }
    if (this.#engine.poisoned > 0) {
      this.#engine.poisoned -= 1;
      draft = POISON;
    } else if (fault?.draft) draft = fault.draft(draft, context);
    // What is answered verbatim was cut, or not, when it was recorded.
    if (!draft.verbatim && (draft.completionTokens ?? 0) > context.maxTokens) draft = cutTo(draft, context.maxTokens);
    draft = this.#options.quirks?.spoil?.(draft, context, this.stats.requests) ?? draft;
    await this.#send(draft, fault, context, response);
  }

  /** What goes wrong with this answer. The lot falls among the faults that can happen to it; a refused request is refused again. */
  #fault(draft: Draft, context: FaultContext): FaultMode | undefined {
    const { conversation } = context;
    const again = this.#faults.find(
      (mode) => mode.lasting !== false && conversation.has(mode.id) && mode.refuse?.(context),
    );
    if (again) return again;
    const { rate = 0, limit = Number.POSITIVE_INFINITY } = this.#options.faults ?? {};
    if (this.#random() >= rate || this.#injected >= limit) return undefined;
    const possible = this.#faults.filter((mode) => !mode.when || mode.when(draft, context));
    if (possible.length === 0) return undefined;
    this.#injected += 1;
    return pick(this.#random, possible);
  }

  async #draft(body: Record<string, unknown>): Promise<Draft> {
    const { messages, tools, ...settings } = body;
    const turns = messages as Message[];
    const known = ((tools ?? []) as { function: BrainTool }[]).map((tool) => tool.function);
    const turn = turns.filter(({ role }) => role === 'assistant').length;
    const answer: BrainTurn = await this.#brain({ messages: turns, tools: known, turn, settings });
    const thinking =
      (body.chat_template_kwargs as { enable_thinking?: boolean } | undefined)?.enable_thinking !== false;
    return draftOf(
      thinking || answer.verbatim ? answer : { ...answer, reasoning: '' },
      () => `chatcmpl-tool-${(++this.#ids).toString(16).padStart(8, '0')}`,
    );
  }

  #refusal(body: Record<string, unknown>): Refusal | null {
    const { quirks = {} } = this.#options;
    const refusal = refuseRequest(body.messages, body.tools);
    if (refusal) {
      this.stats.refused.push(refusal.message);
      return { ...refusal, status: this.#style?.templateStatus ?? refusal.status };
    }
    const named = this.#style?.refuses?.names.find((name) => name in body);
    if (named) return bad(this.#style?.refuses?.said(named) ?? named);
    const extra = ['top_k', 'min_p', 'chat_template_kwargs'].find((key) => key in body);
    if (quirks.refusesExtras && extra) return bad(`Extra inputs are not permitted: ${extra}`);
    return null;
  }

  #tooLong(body: Record<string, unknown>): TooLong | null {
    const window = this.#options.quirks?.window ?? 32_768;
    const prompt = this.#count(this.#prompt(body));
    const asked = Number(body.max_tokens ?? body.max_completion_tokens ?? 0);
    return prompt + asked > window ? { prompt, asked, window } : null;
  }

  #context(body: Record<string, unknown>, draft: Draft): FaultContext {
    const messages = body.messages as Message[];
    const key = sha256(messages.find(isQuery)?.content?.slice(0, 2000) ?? '');
    const conversation = this.#conversations.get(key) ?? new Map<string, number>();
    this.#conversations.set(key, conversation);
    const tools = ((body.tools ?? []) as { function: BrainTool }[]).map((tool) => tool.function);
    return {
      random: this.#random,
      messages,
      tools,
      body,
      promptTokens: this.#count(this.#prompt(body)),
      stream: body.stream === true,
      maxTokens: Number(body.max_tokens ?? body.max_completion_tokens ?? 4096),
      conversation,
      engine: this.#engine,
      callText: asText(draft, xmlText),
      silenceMs: this.#options.silenceMs ?? SILENCE_MS,
    };
  }

  async #send(
    draft: Draft,
    fault: FaultMode | undefined,
    context: FaultContext,
    response: ServerResponse,
  ): Promise<void> {
    const envelope = {
      id: `chatcmpl-${this.stats.requests}`,
      model: this.#options.quirks?.model ?? 'scripted',
      created: 1_790_000_000,
      ...this.#cache(context, draft.promptTokens),
    };
    this.#engine.running += 1;
    try {
      if (!context.stream) {
        for (const wire of fault?.stream?.([], context) ?? []) if ('waitMs' in wire) await delay(wire.waitMs, response);
        return send(response, 200, messageOf(draft, envelope));
      }
      const usage = (context.body.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true;
      const rate = this.#options.tokensPerSecond;
      const plain = draft.verbatim ? wholeStreamOf(draft, envelope) : streamOf(draft, envelope, usage, rate ? 8 : 24);
      const wires = fault?.stream?.(plain, context) ?? plain;
      await writeStream(response, wires, rate ? 2000 / rate : 0, this.#style);
    } finally {
      this.#engine.running -= 1;
      this.#engine.generated += draft.completionTokens ?? 0;
    }
  }

  /** What a prefix cache would have saved: the longest beginning shared with any of the last requests. */
  #cache(context: FaultContext, promptTokens?: number | null): { promptTokens: number; cachedTokens: number } {
    const prompt = this.#prompt(context.body);
    const shared = this.#options.quirks?.noPrefixCache
      ? 0
      : Math.max(0, ...this.#prompts.map((earlier) => sharedLength(earlier, prompt)));
    this.#prompts.push(prompt);
    if (this.#prompts.length > 8) this.#prompts.shift();
    // Blocks of 16 tokens, as vLLM caches them.
    const cachedTokens = Math.floor(this.#count(prompt.slice(0, shared)) / 16) * 16;
    this.#engine.prefixQueries += context.promptTokens;
    this.#engine.prefixHits += cachedTokens;
    return { promptTokens: promptTokens ?? context.promptTokens, cachedTokens };
  }

  /** The prompt as the template would print it: thinking from the field that this server reads. */
  #prompt(body: Record<string, unknown>): string {
    const field = this.#options.quirks?.reasoningField ?? 'reasoning';
    const messages = (body.messages as Message[]).map((message) => ({
      ...message,
      reasoning: field === 'none' ? undefined : message[field],
    }));
    return promptText(
      ((body.tools ?? []) as { function: never }[]).map((tool) => tool.function),
      messages,
    );
  }

  #count(prompt: string): number {
    return Math.ceil(prompt.length / 4);
  }

  #refuse(response: ServerResponse, refusal: Refusal): void {
    const { status, message, type, param = null, headers } = refusal;
    const body = this.#style?.errorBody(refusal) ?? { error: { message, type, param, code: status } };
    send(response, status, body, headers);
  }
}
