import type { CandidateFiles } from '../../strategy/candidate.ts';
import type { Stage } from '../verdict.ts';

/** A strategy that must never be kept. */
export interface Canary {
  readonly files: CandidateFiles;
  /** The stage that should catch it, under the shipped gates. */
  readonly stage: Stage;
}

/** The day-momentum rule that the canaries' own market rewards; evaluated first, as the champion. */
export const CHAMPION = canary(
  'canary-champion',
  'redundancy',
  `const before = now.ago('close', p.look);
    if (now.close > before) now.target(1); else if (now.close < before) now.target(-1);`,
);

export const CANARIES: readonly Canary[] = [
  canary('canary-peeking', 'causality', `if (now.ago('close', -1) > now.close) now.target(1); else now.flat();`),
  canary('canary-always-throwing', 'causality', `throw new Error('the canary throws');`),
  canary('canary-endless-loop', 'causality', 'while (now.close > 0) {}'),
  canary('canary-cash-only', 'smoke', 'if (now.close < 0) now.target(1);'),
  canary('canary-one-trade', 'train', 'if (now.position === 0) now.target(1);'),
  canary(
    'canary-tiny-stop',
    'train',
    'if (now.position === 0) now.target(1, { stop: now.close * 0.9995, target: now.close * 1.05 });',
  ),
  // Sells for one hour a week, so that it has trades to show.
  canary(
    'canary-hold-in-disguise',
    'train',
    'if (now.weekday === 4 && now.hour === 0) now.flat(); else now.target(1);',
  ),
  // The champion's deeds under another name and in other words.
  canary(
    'canary-same-as-champion',
    'redundancy',
    `const change = now.close / now.ago('close', p.look) - 1;
    if (change !== 0 && change === change) now.target(Math.sign(change));`,
  ),
];

function canary(name: string, stage: Stage, body: string): Canary {
  const source = `import { defineStrategy } from 'ralph/strategy';

export default defineStrategy({
  family: '${name}',
  hypothesis: 'A canary: it must be rejected; refuted if it is kept even 1 time',
  timeframe: '1h',
  seasonal: true,
  params: { look: 24 },
  warmup: () => 35,
  decide(now, p) {
    ${body}
  },
});
`;
  return { stage, files: { name, source, yaml: `strategy: ${name}.ts\nsymbols: [CANARY]\nparams: { look: 24 }\n` } };
}
