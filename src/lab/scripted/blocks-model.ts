import { sha256 } from '../../base/hash.ts';
import type { Brain } from '../server/brain.ts';
import { askOf } from './recorded.ts';

const HYPOTHESIS = `\`\`\`text
Hypothesis: Late buyers chase a move of some hours and pay for it
Refuted if: train sharpe < 0.5 over 60 trades
\`\`\``;

/**
 * A model without tool calls: it states a hypothesis, writes a strategy that forgets imports and series and has one type error, and
 * writes decide by the rule when it is asked for that alone.
 */
export const blocksModel: Brain = ({ messages }) => {
  const request = String(messages.at(-1)?.content ?? '');
  const ask = askOf(request);
  // Other numbers for another request: what trades like an earlier trial is sent back.
  const mark = Number.parseInt(sha256(request).slice(0, 8), 16);
  const say = (content: string) => ({ content, calls: [] });
  if (ask === null) return say('I call the tool now.');
  if (ask === 'hypothesis') return say(HYPOTHESIS);
  const [, enter, leave] = /^Go long when `(.*)`\nGo flat when `(.*)`/m.exec(request) ?? [];
  if (ask === 'decide')
    return say(
      `\`\`\`ts\ndecide(now, p) {\n  if (now.position === 0 && ${enter}) now.target(1);\n  if (now.position > 0 && (now.barsHeld > ${6 + (mark % 60)} || (${leave}))) now.flat();\n}\n\`\`\``,
    );
  const tried = /The last try:\n```ts\n([\s\S]*?)\n```/.exec(request)?.[1];
  if (tried !== undefined) {
    const longer = `now.position > 0 && now.barsHeld > ${2 + (mark % 40)}`;
    return say(`\`\`\`ts\n${tried.replace('now.position > 0', longer)}\n\`\`\``);
  }
  return say(`Here it is:\n\`\`\`ts\nimport { nothing } from 'ralph/strategies';\ndefineStrategy({
  family: 'x', hypothesis: 'x', timeframe: '1h', params: { fast: ${5 + (mark % 9)}, slow: ${20 + (mark % 41)} }, warmup: (p) => p.slow,
  indicators: ({ close, high, low }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow), range: atr(close, 14), wrong: ema(close) }),
  decide(now) {
    if (now.fast > now.slow && now.position <= 0) now.target(1, { stop: now.close - 4 * now.range });
    if (now.fast < now.slow && now.position > 0) now.flat();
  },
});\n\`\`\`\n`);
};
