import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knowledgeEnd } from '../../src/agent/knowledge.ts';

test('what a model can know ends with its release; a name that is not official says nothing', () => {
  const ends = {
    'qwen2.5-coder-1.5b': '2024-12-01',
    'Qwen/Qwen2.5-Coder-32B-Instruct-AWQ': '2024-12-01',
    'Qwen/Qwen2.5-14B-Instruct-1M': '2025-04-01',
    'Qwen/Qwen3-8B': '2025-05-01',
    'qwen3:30b-a3b': '2025-05-01',
    'Qwen/Qwen3-4B-Instruct-2507': '2025-09-01',
    'Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8': '2025-08-01',
    'Qwen3-Coder-Next': '2026-03-01',
    'Qwen/Qwen3-Next-80B-A3B-Instruct': '2025-11-01',
    'Qwen/Qwen3.5-27B': '2026-04-01',
    'Qwen3.6-27B-GGUF:Q4_K_M': '2026-05-01',
    'Qwen/QwQ-32B': '2025-04-01',
    'Qwen/Qwen3.9-8B': null,
    'somebody/qwen3-8b-finance': null,
    'Qwen3-8B-trader-2026': null,
    'llama-3.3-70b': null,
    'my-qwen3-8b': null,
    '': null,
  };
  for (const [name, end] of Object.entries(ends)) assert.equal(knowledgeEnd(name), end, name);
});
