import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import type { Hostile } from './hostile/case.ts';
import { FORGE, STARVE } from './hostile/forge.ts';
import { ODD } from './hostile/odd.ts';
import { REACH } from './hostile/reach.ts';
import { TAMPER } from './hostile/tamper.ts';
import { simulateSource, strategySource, windowFile } from './support.ts';

let file: string;
let honest: SimulationResult;

before(async () => {
  file = windowFile(3_000);
  honest = await resultOf(strategySource({}));
});

async function resultOf(source: string): Promise<SimulationResult> {
  const answer = await simulateSource(source, [file]);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.value;
}

const GROUPS: Record<string, readonly Hostile[]> = { REACH, TAMPER, FORGE, STARVE, ODD };

for (const [group, cases] of Object.entries(GROUPS)) {
  // What the policy or the types would refuse runs here all the same: the box must hold without them.
  describe(`${group.toLowerCase()}, in the box and unchecked`, { concurrency: 2 }, () => {
    for (const hostile of cases) test(hostile.name, () => endsAsExpected(hostile));
  });
}

async function endsAsExpected(hostile: Hostile): Promise<void> {
  const answer = await simulateSource(strategySource(hostile), [file], {
    // What has no end (and holds no memory) need not be waited for. Everything else comes to its own end, however busy the
    // machine: a limit within its reach would be met first now and then.
    wallMs: hostile.end === 'timeout' ? 700 : 90_000,
    heapMb: 48,
  });
  if (hostile.end === 'harmless') {
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.equal(answer.value.bars, honest.bars);
    if (hostile.as === null) return;
    const like = hostile.as === undefined ? honest : await resultOf(strategySource({ inside: hostile.as }));
    assert.equal(answer.value.equityFingerprint, like.equityFingerprint);
    return;
  }
  assert.ok(!answer.ok, 'it went through');
  assert.equal(answer.kind, hostile.end, answer.message);
  assert.ok(answer.message.length < 700);
  if (hostile.message) assert.match(answer.message, hostile.message);
}
