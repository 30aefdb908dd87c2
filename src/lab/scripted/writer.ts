import type { Brain, BrainTurn } from '../server/brain.ts';

/** A strategy that trades now and then and never fails; `tail` goes into decide. */
export function strategySource(decide: string, head = ''): string {
  return `${head}import { defineStrategy, ema } from 'ralph/strategy';

export default defineStrategy({
  family: 'test-family',
  hypothesis: 'A test strategy has no edge at all; refuted if train Sharpe > 1',
  timeframe: '1h',
  params: { fast: 10, slow: 50 },
  warmup: (p) => p.slow,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now, p) {
    ${decide}
  },
});
`;
}

export const PLAIN =
  'if (now.fast > now.slow && now.position <= 0) now.target(1); if (now.fast < now.slow && now.position > 0) now.flat(); void p;';

/** A model that writes the given sources, one a session, and does everything else by the book. */
export function writer(sources: readonly string[]): Brain {
  let sessions = 0;
  return ({ messages }) => {
    const task = String(messages.find(({ role }) => role === 'user')?.content ?? '');
    const done = messages.filter(({ role }) => role === 'tool').length;
    if (done === 0) sessions += 1;
    return step(done, `candidate-${sessions}`, sources[Math.min(sessions, sources.length) - 1], hintsIn(task));
  };
}

/** As `writer`, but by the seed of the session: one that is held again, by whomever, writes what it wrote before. */
export function steadyWriter(sources: readonly string[]): Brain {
  const seeds: unknown[] = [];
  return ({ messages, settings: { seed } }) => {
    if (!seeds.includes(seed)) seeds.push(seed);
    const number = seeds.indexOf(seed) + 1;
    const done = messages.filter(({ role }) => role === 'tool').length;
    return step(done, `candidate-${number}`, sources[Math.min(number, sources.length) - 1], []);
  };
}

function step(done: number, name: string, strategy: string, hints: readonly string[]): BrainTurn {
  const yaml = `strategy: ${name}.ts\nsymbols: [SIMUSD]\nparams: ${paramsOf(name)}\n`;
  const calls = [
    {
      name: 'register_hypothesis',
      args: { family: 'test-family', hypothesis: 'A test strategy has no edge at all', refuted_if: 'train sharpe > 1' },
    },
    { name: 'write_candidate', args: { name, strategy, yaml } },
    { name: 'backtest', args: { name } },
    ...hints.map((hint) => ({ name: 'answer_hint', args: { hint, accepted: true, why: 'It is a good hint.' } })),
    { name: 'finish', args: { summary: 'done' } },
  ];
  return { calls: [calls[Math.min(done, calls.length - 1)]] };
}

/**
 * Far enough apart that no candidate trades like one before it, however long a run is: of periods as long as weeks two would be
 * alike, and sent back instead of tried.
 */
function paramsOf(name: string): string {
  const n = Number(name.split('-')[1]) - 1;
  return `{ fast: ${10 + 6 * Math.floor(n / 8)}, slow: ${45 + 25 * (n % 8)} }`;
}

function hintsIn(task: string): string[] {
  return [...new Set([...task.matchAll(/^- \[([\w-]+)\](?! \(answered)/gm)].map(([, id]) => id))];
}
