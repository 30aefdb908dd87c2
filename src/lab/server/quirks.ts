import type { Draft } from './draft.ts';
import type { Engine, FaultContext } from './fault-mode.ts';
import type { StyleName } from './styles.ts';

/** Lasting properties of a server, good or bad; for the doctor to find. All absent: a healthy current vLLM. */
export interface Quirks {
  /** `refused`: nobody listens; `engine`: /health says 503 and chats fail. */
  readonly dead?: 'refused' | 'engine';
  /** Null: no /version. */
  readonly version?: string | null;
  readonly model?: string;
  /** Speaks like this server; default: vLLM as the catalogue knows it. */
  readonly style?: StyleName;
  /** Window in tokens; default 32,768. */
  readonly window?: number;
  /** False: no /tokenize. */
  readonly tokenize?: boolean;
  /** Fields beyond OpenAI's get a 400. */
  readonly refusesExtras?: boolean;
  /** Which field of history the template sees as thinking. */
  readonly reasoningField?: 'reasoning' | 'reasoning_content' | 'none';
  /** Without a prefix cache. */
  readonly noPrefixCache?: boolean;
  /** Changes every answer; `requests` counts from 1. */
  spoil?(draft: Draft, context: FaultContext, requests: number): Draft;
}

/** vLLM's counters in Prometheus text. */
export function metricsText(engine: Engine): string {
  const line = (name: string, value: number) => `vllm:${name}{model_name="scripted"} ${value}`;
  return [
    line('num_requests_running', engine.running),
    line('generation_tokens_total', engine.generated),
    line('prefix_cache_queries_total', engine.prefixQueries),
    line('prefix_cache_hits_total', engine.prefixHits),
    '',
  ].join('\n');
}
