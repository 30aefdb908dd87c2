/** How a session talks to its model: native tool calls, or fenced blocks that the harness asks for one at a time. */
export type Wire = 'tools' | 'blocks';

/** A tool as the model sees it. `parameters` is a flat JSON Schema object: type, properties, required, enum, items, description only. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly parameters: {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, ToolParameter>>;
    readonly required: readonly string[];
  };
}

export interface ToolParameter {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: { readonly type: 'string' | 'number' | 'integer' | 'boolean' };
}

/** What a tool answers: text for the model; `final` ends the session (only `finish` sets it). */
export interface ToolResult {
  readonly content: string;
  readonly ok: boolean;
  readonly final?: boolean;
  /** Tools whose calls leave the model's context with this answer, such as the one that wrote a file that is refused now. */
  readonly forget?: readonly string[];
}

/**
 * Runs one tool call in the harness. Never throws for bad arguments: those are an answer with ok false. What it throws is a fault of
 * the harness's world: it ends the session, and RunSession rejects with it.
 */
export type CallTool = (
  name: string,
  args: Readonly<Record<string, unknown>>,
  /** Aborted when the caller wants no answer any more; work that can stop does. */
  signal?: AbortSignal,
) => Promise<ToolResult>;

export interface Endpoint {
  /** Such as http://127.0.0.1:8000/v1 */
  readonly baseUrl: string;
  /** Empty: the first model that /v1/models names. */
  readonly model: string;
  /** From RALPH_API_KEY; vLLM accepts any text unless it was started with a key. */
  readonly apiKey: string;
}

export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  /** Cap on one answer, thinking included. */
  readonly maxTokens: number;
  readonly thinking: boolean;
}

/** Checked before spending, never after. */
export interface SessionLimits {
  readonly turns: number;
  /** Prompt and completion tokens of the whole session. */
  readonly tokens: number;
  readonly wallMs: number;
  /**
   * No byte for this long ends a request. Must exceed the longest silent stretch of a tool call (120 s or
   * more) and stay below 300 s, where Node's own fetch gives up on a silent body.
   */
  readonly idleMs: number;
  /** Context to assume when the server does not say, in tokens. */
  readonly contextTokens: number;
  /** How long a session waits for a dead server before it ends with `server_down`. Default 300 s. */
  readonly patienceMs?: number;
  /** First pause before a request is sent again; doubles up to a minute. Default 1 s. */
  readonly retryMs?: number;
  /** How long a server that went silent may take for one token before it counts as hanging. Default 60 s. */
  readonly aliveMs?: number;
}

/**
 * What the probe found out about a server; switches the work-arounds. All optional: an unknown server is treated as a
 * current vLLM, and what it refuses is dropped after the first refusal.
 */
export interface Capabilities {
  /** Model that answers when the endpoint names none. */
  readonly model?: string;
  /** Real window in tokens. */
  readonly window?: number;
  /** POST /tokenize counts prompts. */
  readonly tokenize?: boolean;
  /** Fields beyond OpenAI's (top_k, chat_template_kwargs, reasoning in history) are accepted. */
  readonly extras?: boolean;
  /** Streams carry tool calls intact. */
  readonly stream?: boolean;
  /** A tool call comes back when one is asked for. */
  readonly calls?: boolean;
  /** Parameters that the server refuses by name; `max_tokens` where it wants `max_completion_tokens`. */
  readonly refuses?: readonly string[];
  /** Characters of a prompt for each of its tokens, as the server counts them. */
  readonly charactersPerToken?: number;
}

/** Everything one session needs. Sent over IPC as plain JSON: no functions. */
export interface SessionSpec {
  readonly id: string;
  /** Its place among those of the run, from 1: by this number, and not by who is idle, it finds who holds it. */
  readonly number?: number;
  readonly endpoint: Endpoint;
  readonly sampling: Sampling;
  readonly limits: SessionLimits;
  /** Stable prefix: rules, contract. */
  readonly system: string;
  /** Volatile part: the brief of this cycle. */
  readonly task: string;
  readonly tools: readonly ToolDefinition[];
  readonly capabilities?: Capabilities;
  /** Absent: tools. */
  readonly wire?: Wire;
  /** System text of the blocks wire. With it, a session on the tools wire may go on in blocks when calls do not come. */
  readonly blocksSystem?: string;
}

/** One request of the blocks wire, or its end; the harness decides it from the answer to the one before. */
export interface BlocksStep {
  /** Tools that the harness ran with the last answer, for the transcript. */
  readonly ran: readonly {
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly ok: boolean;
    readonly content: string;
  }[];
  /** What is wrong with the last answer, for the transcript; null when nothing is. */
  readonly remark: string | null;
  /** The next message to the model; null ends the session. */
  readonly ask: string | null;
  /** How often this was asked already: sampling moves with it. */
  readonly attempt: number;
  /** Longest answer worth waiting for, in tokens, where the model does not think aloud. */
  readonly answerTokens: number;
}

/** Says what to ask next. `answer` is null at the start, and after an answer that was empty or cut. Throws as `CallTool` does. */
export type Drive = (answer: string | null) => Promise<BlocksStep>;

/** Restarts a server that makes no token any more; false when there is no way to, or it was done in this outage already. `why` is for the journal. */
export type Restart = (why: string) => Promise<boolean>;

/** Classes of a turn; each has one bounded recovery. */
export const TURN_CLASSES = [
  'OK_CALLS',
  'OK_TEXT',
  'SALVAGED',
  'TRUNCATED',
  'MALFORMED_ARGS',
  'UNKNOWN_TOOL',
  'EMPTY_TURN',
  'ANNOUNCED_ONLY',
  'REPEAT',
  'STREAM_ERROR',
  'OVERFLOW',
  'TEMPLATE_400',
  'SCHEMA_400',
  'SERVER_DOWN',
] as const;
export type TurnClass = (typeof TURN_CLASSES)[number];

/** What was done about a turn or a request that was not simply good; counted per session. */
export type Recovery =
  | 'salvaged'
  | 'reasked'
  | 'resampled'
  | 'nudged'
  | 'retried'
  | 'unstreamed'
  | 'raised_cap'
  | 'thinking_off'
  | 'compacted'
  | 'simplified'
  | 'blocks'
  | 'waited'
  | 'restarted'
  | 'gave_up';

/** Why a session ended. `finished` is the only success; `server_down` and `server_refused` are faults of the world. */
export const SESSION_ENDS = [
  'finished',
  'turn_limit',
  'token_limit',
  'wall_limit',
  'gave_up',
  'server_down',
  'server_refused',
  'aborted',
  'crashed',
  /** By a SIGKILL that the harness did not send; its own heap limit ends a session with another signal. */
  'killed',
] as const;
export type SessionEndReason = (typeof SESSION_ENDS)[number];

export interface SessionEnd {
  readonly reason: SessionEndReason;
  /** One line for a person. */
  readonly detail: string;
  readonly turns: number;
  readonly toolCalls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Share of prompt tokens (estimated from bytes) that were a byte-identical prefix of the previous request, 0..1. */
  readonly prefixShare: number;
  readonly classes: Readonly<Partial<Record<TurnClass, number>>>;
  readonly seconds: number;
  /** Characters of its prompts for each token that the server counted; absent where it counts none. */
  readonly charactersPerToken?: number;
  /** The wire that the session ended on. */
  readonly wire?: Wire;
  /** What had to be done to stay on course, counted. */
  readonly recoveries?: Readonly<Partial<Record<Recovery, number>>>;
  /** What the user should change on the server, one line each, when the turns point at it. */
  readonly advice?: readonly string[];
}

/** One line of transcript.jsonl. */
export interface TranscriptEntry {
  readonly at: number;
  readonly kind: 'request' | 'turn' | 'tool' | 'note' | 'end';
  readonly data: unknown;
}

/** Adds a line to the transcript. */
export type Note = (kind: TranscriptEntry['kind'], data: unknown) => void;

/** What the harness lends a session. */
export interface SessionHarness {
  readonly callTool: CallTool;
  /** Absent: the task has no blocks wire. */
  readonly drive?: Drive;
  readonly restart?: Restart;
  readonly onEntry: (entry: TranscriptEntry) => void;
  readonly signal: AbortSignal;
}

/** A session: the built-in one in a child process, or an external agent command. */
export type RunSession = (spec: SessionSpec, harness: SessionHarness) => Promise<SessionEnd>;
