import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readGatesConfig } from '../../../src/gates/config.ts';
import type { FrozenWindows } from '../../../src/market/snapshot.ts';
import type { Cycle } from '../../../src/task/task.ts';
import { briefFor } from '../../../src/task/trading/brief.ts';
import type { Trading } from '../../../src/task/trading/context.ts';
import { JournalBuilder } from '../../search/build.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What the journal holds; the file may be gone. */
const PROGRAM = `${readFileSync(join(ROOT, 'prompts/program.md'), 'utf8')}\nNo shorts in May.`;
const trading = {
  projectDir: ROOT,
  symbols: ['SIMUSD'],
  market: {},
  frozen: { train: [{}] } as unknown as FrozenWindows,
  gates: readGatesConfig(join(ROOT, 'config/gates.yaml')),
} as unknown as Trading;

/** A run of 20 cycles, whose server counts a token for so many characters. */
function briefAt(window: number, charactersPerToken?: number, of: Trading = trading): { system: string; task: string } {
  const run = new JournalBuilder().start();
  for (let i = 0; i < 20; i++) run.cycle({ family: `family-${i % 7}` });
  const ended = run.events.findLast((event) => event.type === 'session.ended');
  if (ended?.type === 'session.ended') run.add({ ...ended, ...(charactersPerToken ? { charactersPerToken } : {}) });
  const directive = { kind: 'new', why: 'it is untried', base: null, family: 'trend-aroon', gate: null } as const;
  const { events } = run;
  const cycle = { id: 21, directive, nudge: 0, program: PROGRAM, events, seen: events, trialsLeft: () => 3 };
  return briefFor(cycle as unknown as Cycle, of, 4500, { window, turns: 40 });
}

test('a window under 16k gets rules and task in 1,500 tokens, counted as its server counts, with the order last', () => {
  for (const perToken of [undefined, 2.9, 3.2]) {
    const { system, task } = briefAt(8192, perToken);
    assert.ok((system.length + task.length) / (perToken ?? 3) <= 1500, String(perToken));
    assert.match(system, /register_hypothesis[\s\S]*write_candidate/);
    assert.doesNotMatch(system + task, /<!--|answer_hint/);
    assert.match(task, /trend-aroon[\s\S]*\nYou have 3 trials and 40 turns\. .*register_hypothesis.*$/);
  }
  const long = briefAt(16_384, 2.6);
  assert.match(long.system, /# What the gates ask/);
  assert.match(long.task, /No shorts in May\./);
  assert.ok((long.system.length + long.task.length) / 2.6 <= 4500);
});

test('a set is named with its members, a large one with some; a small window hears nothing of it', () => {
  const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, k) => [`C${k}`, []]));
  const frozen = { ...trading.frozen, universes: { coins: members(3), all: members(64) } };
  const long = briefAt(32_768, 2.6, { ...trading, frozen }).system;
  assert.match(long, /universe: NAME` in place of symbols: coins \(C0, C1, C2\), all \(64 symbols: C0, .*C7, …\)/);
  assert.match(long, /now\.symbols/);
  assert.match(long, new RegExp(`\\nsymbols: \\[${trading.symbols.join(', ')}\\]\\n`), 'the example is a YAML');
  const hidden = briefAt(32_768, 2.6, { ...trading, frozen, market: { ...trading.market, anonymous: true } }).system;
  assert.match(hidden, /coins \(3 symbols\), all \(64 symbols\); a strategy of several sees handles \(S01, S02, …\)/);
  assert.doesNotMatch(hidden, /C0/);
  assert.doesNotMatch(briefAt(8192, 2.9, { ...trading, frozen }).system, /coins/);
});
