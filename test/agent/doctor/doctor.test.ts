import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Diagnosis, examine } from '../../../src/agent/doctor/examine.ts';
import { reportOf } from '../../../src/agent/doctor/report.ts';
import { say, table } from '../../../src/base/draw/terminal.ts';
import type { ModelServerOptions } from '../../../src/lab/server/options.ts';
import type { Quirks } from '../../../src/lab/server/quirks.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';

const always = (...kinds: string[]) => ({ faults: { rate: 1, kinds } });
const spoilt = (change: NonNullable<Quirks['spoil']>) => ({ quirks: { spoil: change } });

/** Ways of being broken, the checks that must say so, and words of their cures. Whether a run can start all the same. */
const BROKEN: Record<string, [options: Partial<ModelServerOptions>, names: string[], cures: RegExp[], usable?: false]> =
  {
    'nobody there': [{ quirks: { dead: 'refused' } }, ['health'], [/serve\.sh/], false],
    'engine dead': [{ quirks: { dead: 'engine' } }, ['health'], [/restart/], false],
    'no tool parser': [always('F02'), ['call'], [/--tool-call-parser/]],
    'cannot call at all': [always('F56'), ['call'], [/--enable-auto-tool-choice/], false],
    'no reasoning parser': [always('F04'), ['reasoning'], [/--reasoning-parser qwen3/]],
    'strips white space': [always('F14'), ['whitespace'], [/0\.26/]],
    'cuts values at tags': [always('F13'), ['whitespace', 'long-code'], [/0\.26/]],
    'breaks streams': [always('F36'), ['stream'], [/0\.24/]],
    'repeats what failed': [always('F28'), ['tool-error', 'twenty-turns'], [/presencePenalty/]],
    'refuses extra fields': [{ quirks: { refusesExtras: true } }, ['call'], [/0\.24/]],
    'poisons its cache after a while': [
      spoilt((draft, _, n) => (n > 24 ? { ...draft, calls: [], content: '!!!', finish: 'stop' } : draft)),
      ['twenty-turns'],
      [/MTP/],
    ],
    // What does not touch each other, on one server.
    'old, small, without a cache; loses parallel calls, letters, thoughts and the reason of a cut': [
      {
        quirks: {
          version: '0.19.0',
          window: 16_384,
          noPrefixCache: true,
          reasoningField: 'none',
          spoil: (draft) => ({
            ...draft,
            finish: draft.finish === 'length' ? 'tool_calls' : draft.finish,
            calls: draft.calls.map((call, i) => ({
              ...call,
              arguments: i > 0 ? '' : call.arguments.replaceAll(/[^\x20-\x7e]/g, '?'),
            })),
          }),
        },
      },
      ['version', 'window', 'prefix-cache', 'two-calls', 'unicode', 'reasoning-echo', 'cut'],
      [/0\.29/, /--max-model-len/, /--enable-prefix-caching/, /0\.24/, /tokenizer/, /qwen3-tools\.jinja/, /maxTokens/],
    ],
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
  for (const [kind, [options, names, cures, usable = true]] of Object.entries(BROKEN)) {
    const diagnosis = await diagnose(options);
    const ill = diagnosis.checks.filter(({ status }) => status === 'fail' || status === 'warn');
    rows.push([kind, ill.map(({ id, status }) => `${id} (${status})`).join(', '), ill[0]?.cure?.slice(0, 70) ?? '']);
    assert.equal(diagnosis.runnable, usable, `${kind}: ${JSON.stringify(ill)}`);
    const named = ill.map(({ id }) => id);
    for (const name of names) assert.ok(named.includes(name), `${kind}: ${name} not named, but ${named}`);
    const text = reportOf(diagnosis);
    for (const cure of cures) assert.match(text, cure, kind);
    for (const finding of ill) assert.ok(finding.cost && finding.cure, `${kind}: ${finding.id}`);
    if (names.length > 2) assert.deepEqual(named.sort(), names.sort(), `${kind}: nothing else is named`);
  }
  say(table(['server', 'named by', 'cure'], rows));
});
