import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../free-port.ts';

const SCRIPT = join(import.meta.dirname, '../../vllm/serve.sh');
const env = { PATH: '/usr/bin:/bin' };
const serve = (...args: string[]) => spawnSync('bash', [SCRIPT, ...args], { encoding: 'utf8', env });
/** What --watch needs beside bash. */
const missing = ['curl', 'awk'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { env }).status !== 0);
const PROFILES = [
  'one-24gb',
  'two-24gb',
  'one-32gb',
  'one-48gb',
  'moe-24gb',
  'moe-48gb',
  'h100',
  'small-16gb',
  'small-24gb',
  'coder-48gb',
  'qwen3-8b',
];

test('every profile serves tool calls with a prefix cache and without speculative decoding', () => {
  for (const profile of PROFILES) {
    const { status, stdout } = serve('--print', profile);
    assert.equal(status, 0, profile);
    for (const flag of [
      '--enable-auto-tool-choice',
      '--tool-call-parser',
      '--enable-prefix-caching',
      '--max-model-len',
    ])
      assert.ok(stdout.includes(flag), `${profile}: ${flag}`);
    assert.doesNotMatch(stdout, /speculative|''/);
    assert.match(stdout, profile === 'qwen3-8b' ? /--tool-call-parser hermes/ : /qwen3_xml.*qwen3-tools\.jinja/);
  }
});

test('an unknown profile names the known ones, a missing vllm says how to install it', () => {
  assert.match(serve('nope').stderr, new RegExp(PROFILES.join(' ')));
  assert.match(serve().stderr, /pip install 'vllm==0\.29/);
});

test('a server that hangs while it says it is healthy is ended', {
  skip: missing.length > 0 && `no ${missing.join(' and no ')} here`,
}, async () => {
  const run = spawnSync('bash', [SCRIPT, '--watch', 'small-16gb'], {
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      ...env,
      NODE: process.execPath,
      VLLM: join(import.meta.dirname, '../agent/fixtures/hanging-vllm.sh'),
      PORT: String(await freePort()),
      WATCH_SECONDS: '0.3',
      WATCH_STRIKES: '3',
    },
  });
  assert.equal(run.status, 1, run.stderr);
  assert.match(run.stderr, /vLLM hangs: 2 requests running, still 77 tokens made/);
});
