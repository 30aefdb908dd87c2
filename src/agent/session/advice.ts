import type { TurnClass } from '../contract.ts';
import type { Tally } from './tally.ts';

/** What a session's counts say about the server: one line per change that would help, with the flag. */
export function adviceFor({ classes, recoveries, turns }: Tally): string[] {
  const often = (kind: TurnClass, share: number) => (classes[kind] ?? 0) > share * Math.max(1, turns);
  return [
    often('SALVAGED', 0.1) &&
      'calls arrive as text: check --enable-auto-tool-choice and --tool-call-parser (qwen3_xml for Qwen3-Coder and 3.5+, hermes for Qwen3)',
    often('EMPTY_TURN', 0.15) && 'many empty answers: use temperature 0.6, or start with thinking off',
    often('TRUNCATED', 0.15) && 'many answers are cut: raise sampling.maxTokens, or turn thinking off',
    recoveries.compacted && 'the window was too small: raise --max-model-len',
    often('STREAM_ERROR', 0.15) && 'streams break: vLLM 0.24 or newer, and no speculative decoding (MTP, ngram)',
    often('MALFORMED_ARGS', 0.2) && 'arguments arrive damaged: turn speculative decoding off; run doctor',
    often('TEMPLATE_400', 0) &&
      'the chat template refuses ordinary histories: serve with --chat-template vllm/qwen3-tools.jinja',
    often('SERVER_DOWN', 0) &&
      'the server was away: run it under a supervisor (vllm/ralph-vllm.service) and restart it',
  ].filter((line) => typeof line === 'string');
}
