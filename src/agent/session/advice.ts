import type { Tally } from './tally.ts';

/** What a session's counts say about the server: one line per change that would help, with the flag. */
export function adviceFor(tally: Pick<Tally, 'classes' | 'recoveries' | 'turns'>): string[] {
  const share = (count: number | undefined) => (count ?? 0) / Math.max(1, tally.turns);
  const lines: string[] = [];
  if (share(tally.classes.SALVAGED) > 0.1) {
    lines.push(
      'calls arrive as text: check --enable-auto-tool-choice and --tool-call-parser (qwen3_xml for Qwen3-Coder and 3.5+, hermes for Qwen3)',
    );
  }
  if (share(tally.classes.EMPTY_TURN) > 0.15)
    lines.push('many empty answers: use temperature 0.6, or start with thinking off');
  if (share(tally.classes.TRUNCATED) > 0.15)
    lines.push('many answers are cut: raise sampling.maxTokens, or turn thinking off');
  if ((tally.recoveries.compacted ?? 0) > 0) lines.push('the window was too small: raise --max-model-len');
  if (share(tally.classes.STREAM_ERROR) > 0.15)
    lines.push('streams break: vLLM 0.24 or newer, and no speculative decoding (MTP, ngram)');
  if (share(tally.classes.MALFORMED_ARGS) > 0.2)
    lines.push('arguments arrive damaged: turn speculative decoding off; run doctor');
  if ((tally.classes.TEMPLATE_400 ?? 0) > 0)
    lines.push('the chat template refuses ordinary histories: serve with --chat-template vllm/qwen3-tools.jinja');
  if ((tally.classes.SERVER_DOWN ?? 0) > 0)
    lines.push('the server was away: run it under a supervisor (vllm/ralph-vllm.service) and restart it');
  return lines;
}
