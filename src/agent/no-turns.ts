import type { SessionEnd } from './contract.ts';

/** What a session counts before its first turn. */
export const NO_TURNS = {
  turns: 0,
  toolCalls: 0,
  promptTokens: 0,
  completionTokens: 0,
  prefixShare: 0,
  classes: {},
  seconds: 0,
} satisfies Partial<SessionEnd>;
