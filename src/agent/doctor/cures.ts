import type { ServerKind } from '../client/identify.ts';

type Cures = Readonly<Record<string, string>>;

const PARSER = '--tool-call-parser qwen25 (Qwen3) or qwen3_coder (Qwen3-Coder, 3.5 and later)';

/** What helps on a server other than vLLM, by check; the checks themselves carry vLLM's flags. */
const CURES: Readonly<Partial<Record<ServerKind, Cures>>> = {
  'llama.cpp': {
    call: '--jinja, and a model trained to call tools (Qwen3-4B or larger)',
    window: '-c 32768 (with -np 1: the window is shared by the slots), -ctk q8_0 -ctv q8_0 if memory is short',
    'prefix-cache': '-np 1, and no other client on this server',
    reasoning: '--reasoning-format deepseek',
    'reasoning-echo': '--chat-template-file vllm/qwen3-tools.jinja',
  },
  ollama: {
    call: 'a model whose `ollama show` lists the capability tools',
    window:
      'OLLAMA_CONTEXT_LENGTH=32768 ollama serve, or a Modelfile with PARAMETER num_ctx 32768; without it Ollama cuts at 4096 and says nothing',
    'prefix-cache': 'OLLAMA_NUM_PARALLEL=1 and OLLAMA_KEEP_ALIVE=-1',
  },
  'lm-studio': {
    call: 'a model with the tool badge in LM Studio',
    window: 'load the model with a context length of 32768 or more (lms load MODEL --context-length 32768)',
    'prefix-cache': 'keep the model loaded (no TTL), one client at a time',
  },
  sglang: {
    call: PARSER,
    window: '--context-length 32768 or more',
    'prefix-cache': 'no --disable-radix-cache',
    reasoning: '--reasoning-parser qwen3',
    'reasoning-echo': '--chat-template vllm/qwen3-tools.jinja',
  },
  litellm: {
    call: 'a route whose model supports function calling (supports_function_calling: true)',
    window: 'the context setting of the server behind LiteLLM; session.contextTokens until then',
  },
  openrouter: { call: 'a model whose page lists tools', window: 'a model with a longer context' },
};

const ELSEWHERE: Cures = {
  call: 'the setting of your server that turns tool calling on, or a model trained for it',
  window: 'the context setting of your server; set session.contextTokens in config/ralph.yaml to its real value',
};

/** The cure for what a check found, in the words of the server it was found on; `given` is the one for vLLM. */
export function cureFor(kind: ServerKind | null, check: string, given: string): string {
  if (kind === null || kind === 'vllm' || !/--|vLLM|VLLM/.test(given)) return given;
  return (
    CURES[kind]?.[check] ?? ELSEWHERE[check] ?? 'a newer version of the server, or another one: see vllm/SERVERS.md'
  );
}
