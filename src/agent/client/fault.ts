import { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { messageOf } from '../../base/errors.ts';
import { retryAfterMs } from '../../base/wait/retry-after.ts';
import type { TurnClass } from '../contract.ts';
import { statusOf } from './error-body.ts';
import { type Overflow, overflowOf } from './overflow.ts';

/** What went wrong with a request, by what can be done about it. */
export type FaultKind =
  /** No answer, or 502, 503, 504, or the engine is dead: wait, then the same request. */
  | 'down'
  /** 429 or 408: the server is there but busy. */
  | 'busy'
  /** The stream broke, went silent or carried an error: throw the part away, ask again. */
  | 'stream'
  /** 500 on one request: may pass on the next try. */
  | 'internal'
  /** Prompt and answer do not fit the window. */
  | 'overflow'
  /** The chat template refuses the history. */
  | 'template'
  /** The tool schemas cannot be compiled. */
  | 'schema'
  /** A field that the server does not know. */
  | 'extras'
  /** Any other deterministic refusal. */
  | 'refused'
  /** No change of the request can help: wrong key, no such model, no such path. */
  | 'fatal'
  /** Our own abort. */
  | 'aborted';

/** A request that gave no answer. */
export class ModelFault extends Error {
  readonly kind: FaultKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly overflow: Overflow | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    details: { status?: number; retryAfterMs?: number; overflow?: Overflow; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'ModelFault';
    this.kind = kind;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.overflow = details.overflow;
  }
}

/** The turn class under which a fault is counted. */
export const FAULT_CLASS: Readonly<Record<FaultKind, TurnClass>> = {
  down: 'SERVER_DOWN',
  busy: 'SERVER_DOWN',
  stream: 'STREAM_ERROR',
  internal: 'STREAM_ERROR',
  overflow: 'OVERFLOW',
  template: 'TEMPLATE_400',
  schema: 'SCHEMA_400',
  extras: 'TEMPLATE_400',
  refused: 'TEMPLATE_400',
  fatal: 'SERVER_DOWN',
  aborted: 'STREAM_ERROR',
};

// Wordings seen in vLLM, SGLang, llama.cpp, LiteLLM and OpenAI; what matches none of them climbs the same ladder of
// simpler requests, so that a new wording costs one or two requests and not the night.
const SCHEMA =
  /unknown format|unimplemented keys|json.?schema|grammar|schema.*(invalid|compil|unsupport)|xgrammar|outlines|structural.?tag|invalid.*tools?\b.*(schema|param)/i;
const EXTRAS =
  /extra (inputs|fields)|extra_forbidden|not permitted|unrecognized (request )?(argument|field|key)|unknown (field|argument|parameter|key)|unexpected (keyword|field|parameter)|unsupported ?(parameter|param|field)|(does|do) not support (the )?param|unexpected reasoning effort|additional propert/i;
const TEMPLATE =
  /system message|unexpected message role|user query|item pairs|template|jinja|delimiter|unterminated string|roles? must|alternate|tool_call_id|tool message|tool_calls|expecting (value|property)|decoder prompt/i;
/** Templates whose refusal comes as a 500; narrower than TEMPLATE, since a 500 can be anything. */
const BROKEN_TEMPLATE =
  /jinja|chat.?template|system message must|unexpected message role|no user query|item pairs|roles? must|must alternate/i;
/** What a server says while it loads: llama.cpp "Loading model", SGLang "Server is starting", others that they warm up or are not ready. */
export const LOADING = /\b(?:loading|(?:re)?starting|warming|initiali[sz]ing)\b|not ready/i;
const DEAD = /enginecore|engine (is )?dead|enginedead|engine process|cuda|out of memory|device-side|nccl/i;

/** Sorts anything that a request threw. `started`: the answer had begun to arrive. */
export function faultOf(thrown: unknown, started: boolean): ModelFault {
  if (thrown instanceof ModelFault) return thrown;
  const message = messageOf(thrown);
  if (thrown instanceof APIUserAbortError) return new ModelFault('aborted', message, { cause: thrown });
  if (thrown instanceof APIConnectionTimeoutError)
    return new ModelFault('stream', 'no answer within the idle limit', { cause: thrown });
  if (!(thrown instanceof APIError))
    return new ModelFault(started ? 'stream' : 'down', connection(thrown), { cause: thrown });
  // An error inside a 200 stream has no status of its own; its body may carry one.
  const status = thrown.status ?? statusOf(thrown.code);
  return new ModelFault(kindOf(status, message, started), status === undefined ? connection(thrown) : message, {
    status,
    retryAfterMs: retryAfterMs(thrown.headers?.get('retry-after')),
    overflow: overflowOf(message),
    cause: thrown,
  });
}

/** The status alone says little: llama.cpp's overflow and template errors come as 500, LM Studio's inside a 200 stream. */
function kindOf(status: number | undefined, message: string, started: boolean): FaultKind {
  if (status !== undefined && [401, 402, 403, 404, 405].includes(status)) return 'fatal';
  if (status !== undefined && [408, 409, 425, 429].includes(status)) return 'busy';
  if (status === 413 || overflowOf(message)) return 'overflow';
  if (status === undefined) return BROKEN_TEMPLATE.test(message) ? 'template' : started ? 'stream' : 'down';
  if (status === 502 || status === 503 || status === 504) return 'down';
  if (status >= 500) {
    if (DEAD.test(message)) return started ? 'stream' : 'down';
    if (EXTRAS.test(message)) return 'extras';
    return BROKEN_TEMPLATE.test(message) ? 'template' : started ? 'stream' : 'internal';
  }
  if (SCHEMA.test(message)) return 'schema';
  if (EXTRAS.test(message)) return 'extras';
  if (TEMPLATE.test(message)) return 'template';
  return 'refused';
}

/** Node hides the reason of a failed fetch in `cause`. */
function connection(thrown: unknown): string {
  const reasons: string[] = [];
  for (let at: unknown = thrown; at instanceof Error && reasons.length < 4; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    const text = typeof code === 'string' && !at.message.includes(code) ? `${messageOf(at)} (${code})` : messageOf(at);
    if (text && !reasons.includes(text)) reasons.push(text);
  }
  return reasons.join(': ') || messageOf(thrown);
}
