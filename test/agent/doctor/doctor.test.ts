import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Diagnosis, examine } from '../../../src/agent/doctor/examine.ts';
import { reportOf } from '../../../src/agent/doctor/report.ts';
import { say, table } from '../../../src/base/terminal.ts';
import type { ModelServerOptions } from '../../../src/lab/server/options.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';

const always = (...kinds: string[]) => ({ faults: { rate: 1, kinds } });

/** A way of being broken, and the checks that must say so. */
const BROKEN: Record<string, { options: Partial<ModelServerOptions>; names: string[]; cure: RegExp; usable: boolean }> =
  {
    'nobody there': { options: { quirks: { dead: 'refused' } }, names: ['health'], cure: /serve\.sh/, usable: false },
    'engine dead': { options: { quirks: { dead: 'engine' } }, names: ['health'], cure: /restart/, usable: false },
    'no tool parser': { options: always('F02'), names: ['call'], cure: /--tool-call-parser/, usable: true },
    'cannot call at all': { options: always('F56'), names: ['call'], cure: /--enable-auto-tool-choice/, usable: false },
    'no reasoning parser': {
      options: always('F04'),
      names: ['reasoning'],
      cure: /--reasoning-parser qwen3/,
      usable: true,
    },
    'strips white space': { options: always('F14'), names: ['whitespace'], cure: /0\.26/, usable: true },
    'cuts values at tags': { options: always('F13'), names: ['whitespace', 'long-code'], cure: /0\.26/, usable: true },
    'breaks streams': { options: always('F36'), names: ['stream'], cure: /0\.24/, usable: true },
    'loses parallel calls': {
      options: {
        quirks: {
          spoil: (draft) => ({
            ...draft,
            calls: draft.calls.map((call, i) => (i > 0 ? { ...call, arguments: '' } : call)),
          }),
        },
      },
      names: ['two-calls'],
      cure: /0\.24/,
      usable: true,
    },
    'drops thinking from history': {
      options: { quirks: { reasoningField: 'none' } },
      names: ['reasoning-echo'],
      cure: /qwen3-tools\.jinja/,
      usable: true,
    },
    'says tool_calls for a cut': {
      options: {
        quirks: { spoil: (draft) => (draft.finish === 'length' ? { ...draft, finish: 'tool_calls' } : draft) },
      },
      names: ['cut'],
      cure: /maxTokens/,
      usable: true,
    },
    'mangles unicode': {
      options: {
        quirks: {
          spoil: (draft) => ({
            ...draft,
            calls: draft.calls.map((call) => ({ ...call, arguments: call.arguments.replaceAll(/[^\x20-\x7e]/g, '?') })),
          }),
        },
      },
      names: ['unicode'],
      cure: /tokenizer/,
      usable: true,
    },
    'poisons its cache after a while': {
      options: {
        quirks: { spoil: (draft, _, n) => (n > 24 ? { ...draft, calls: [], content: '!!!', finish: 'stop' } : draft) },
      },
      names: ['twenty-turns'],
      cure: /MTP/,
      usable: true,
    },
    'repeats what failed': {
      options: always('F28'),
      names: ['tool-error', 'twenty-turns'],
      cure: /presencePenalty/,
      usable: true,
    },
    'no prefix cache': {
      options: { quirks: { noPrefixCache: true } },
      names: ['prefix-cache'],
      cure: /--enable-prefix-caching/,
      usable: true,
    },
    'small window': {
      options: { quirks: { window: 16_384 } },
      names: ['window'],
      cure: /--max-model-len/,
      usable: true,
    },
    'old version': { options: { quirks: { version: '0.19.0' } }, names: ['version'], cure: /0\.29/, usable: true },
    'refuses extra fields': {
      options: { quirks: { refusesExtras: true } },
      names: ['call'],
      cure: /0\.24/,
      usable: true,
    },
  };

async function diagnose(options: Partial<ModelServerOptions>): Promise<Diagnosis> {
  const server = await startModelServer({ brain: () => ({ calls: [] }), seed: 2, ...options });
  try {
    return await examine({ baseUrl: server.baseUrl, model: '', apiKey: '' }, new AbortController().signal);
  } finally {
    await server.close();
  }
}

test('a healthy server passes every check', async () => {
  const diagnosis = await diagnose({});
  assert.deepEqual(
    diagnosis.checks.filter(({ status }) => status !== 'pass').map(({ id }) => id),
    ['blocks'],
  );
  assert.ok(diagnosis.runnable && diagnosis.healthy && diagnosis.checks.length >= 17);
  assert.match(reportOf(diagnosis), /fit for a run/);
});

test('every kind of broken server is named, with a cost and a cure', async () => {
  const rows: string[][] = [];
  for (const [kind, { options, names, cure, usable }] of Object.entries(BROKEN)) {
    const diagnosis = await diagnose(options);
    const ill = diagnosis.checks.filter(({ status }) => status === 'fail' || status === 'warn');
    rows.push([kind, ill.map(({ id, status }) => `${id} (${status})`).join(', '), ill[0]?.cure?.slice(0, 70) ?? '']);
    assert.equal(diagnosis.runnable, usable, `${kind}: ${JSON.stringify(ill)}`);
    for (const name of names)
      assert.ok(
        ill.some(({ id }) => id === name),
        `${kind}: ${name} not named, but ${ill.map(({ id }) => id)}`,
      );
    const text = reportOf(diagnosis);
    assert.match(text, cure, kind);
    for (const finding of ill) assert.ok(finding.cost && finding.cure, `${kind}: ${finding.id}`);
  }
  say(table(['server', 'named by', 'cure'], rows));
});
