import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeProject, type Project, serve } from '../../src/lab/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

const CONFIG = ['--config', 'config/test'];

/** To the journal every token took its time: the next cycle takes the model for a slow one. */
const SLOW = { calls: [], finish: 'stop', completionTokens: 1, promptTokens: null };

/** A model without tool calls: it states a hypothesis, forgets imports and series, makes one type error, and writes decide when it is asked for that alone. */
const small: Brain = ({ messages }) => {
  const asked = String(messages.at(-1)?.content ?? '');
  const family = /^Family: (.*)$/m.exec(asked)?.[1];
  if (/```text block of two lines/.test(asked))
    return {
      verbatim: SLOW,
      content:
        '```text\nHypothesis: Late buyers chase a move of some hours and pay for it\nRefuted if: train sharpe < 0.5 over 60 trades\n```',
      calls: [],
    };
  if (!/one ```ts block/.test(asked)) return { content: 'I call the tool now.', calls: [] };
  const [, enter, leave] = /^Go long when `(.*)`\nGo flat when `(.*)`/m.exec(asked) ?? [];
  if (/Now write `decide`/.test(asked))
    return {
      verbatim: SLOW,
      content: `\`\`\`ts\ndecide(now, p) {\n  if (now.position === 0 && ${enter}) now.target(1);\n  if (now.position > 0 && (${leave})) now.flat();\n}\n\`\`\``,
      calls: [],
    };
  return {
    verbatim: SLOW,
    content: `Here it is:\n\`\`\`ts\nimport { nothing } from 'ralph/strategies';\ndefineStrategy({
  family: '${family}', hypothesis: 'x', timeframe: '1h', params: { fast: 9, slow: 33 }, warmup: (p) => p.slow,
  indicators: ({ close, high, low }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow), range: atr(close, 14), wrong: ema(close) }),
  decide(now) {
    if (now.fast > now.slow && now.position <= 0) now.target(1, { stop: now.close - 4 * now.range });
    if (now.fast < now.slow && now.position > 0) now.flat();
  },
});\n\`\`\`\n`,
    calls: [],
  };
};

test('a model without tool calls gets a strategy to its backtest, and the journal reads as ever but for the name of the wire', async (t) => {
  const server = await serve(t, small);
  const run = await project.ralph(['run', '--tag', 'small', '--cycles', '2', ...CONFIG], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));
  const events = project.events('small');
  const started = events.find((event) => event.type === 'trial.started');
  assert.ok(started?.type === 'trial.started', String(run.all));
  const registered = events.find((event) => event.type === 'hypothesis.registered');
  assert.match(registered?.type === 'hypothesis.registered' ? registered.hypothesis : '', /Late buyers/);
  assert.match(started.hypothesis, /Late buyers/);
  const ended = events.find((event) => event.type === 'session.ended');
  assert.ok(ended?.type === 'session.ended');
  assert.equal(ended.reason, 'finished', ended.detail);
  assert.equal(ended.wire, 'blocks');
  const source = Object.keys(started.files).find((name) => name.endsWith('.ts')) ?? '';
  const kept = readFileSync(join(project.dir, 'runs/small/cycles/0001', source), 'utf8');
  assert.match(kept, /^import \{ .*defineStrategy.* \} from 'ralph\/strategy';/);
  const refused = readFileSync(join(project.dir, 'runs/small/cycles/0001/transcript.jsonl'), 'utf8');
  assert.match(refused, /ema takes \(/, 'the first file was refused');
  const slow = readFileSync(join(project.dir, 'runs/small/cycles/0002/transcript.jsonl'), 'utf8');
  assert.match(slow, /without its `decide`|changed `decide` alone/);
  assert.doesNotMatch(slow, /whole strategy as one/, 'a slow model is asked for the smallest step at once');
  const verified = await project.ralph(['verify', '--tag', 'small', '--json']);
  assert.equal((JSON.parse(String(verified.stdout)) as { ok: boolean }).ok, true);
});
