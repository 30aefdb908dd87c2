import { z } from 'zod';
import { SESSION_ENDS, TURN_CLASSES } from '../../agent/contract.ts';
import type { ToChild, ToParent } from '../../agent/ipc.ts';
import { codeVersion } from '../../base/code-version.ts';

/** What an island says of a session to the run: as its process does, and `left` when the island ends. */
export type ToRun =
  | Extract<ToParent, { kind: 'call' | 'drive' | 'entry' | 'end' }>
  | { readonly kind: 'left'; readonly why: string };

const [text, number, counts] = [z.string(), z.number(), z.record(z.string(), z.number())];
/** The run counts what a turn cost. */
const turn = z.object({
  class: z.enum(TURN_CLASSES),
  answer: z.object({
    content: text,
    reasoning: text,
    calls: z.array(z.object({ arguments: text })),
    usage: z.object({ prompt: number, completion: number }).nullable(),
  }),
});
const entry = z.union([
  z.object({ at: number, kind: z.literal('turn'), data: turn }),
  z.object({ at: number, kind: z.enum(['request', 'tool', 'note', 'end']), data: z.unknown().default(null) }),
]);
/** As it goes into the journal. */
const end = z.strictObject({
  reason: z.enum(SESSION_ENDS),
  detail: text,
  turns: number,
  toolCalls: number,
  promptTokens: number,
  completionTokens: number,
  prefixShare: number,
  classes: counts,
  seconds: number,
  charactersPerToken: number.positive().optional(),
  wire: z.enum(['tools', 'blocks']).optional(),
  recoveries: counts.optional(),
  advice: z.array(text).optional(),
});
const toRunSchema: z.ZodType<ToRun> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: number, name: text, args: z.record(text, z.unknown()) }),
  z.object({ kind: z.literal('drive'), id: number, answer: text.nullable() }),
  z.object({ kind: z.literal('entry'), entry }),
  z.object({ kind: z.literal('end'), end }),
  z.object({ kind: z.literal('left'), why: text }),
]);

/** Whether a run can take it: an island is another machine. */
export function isToRun(letter: unknown): letter is ToRun {
  return toRunSchema.safeParse(letter).success;
}

/** What a run says to an island. */
export type ToIsland = Extract<ToChild, { kind: 'answer' | 'abort' }>;

/** Sessions of one run are held by the same code, wherever they are. */
export function sessionVersion(): string {
  return codeVersion(['agent', 'fleet']);
}

/** The queue of one island: the run chooses who holds a session. */
export function islandQueue(code: string, island: string): string {
  return `sessions-${code.slice(0, 16)}-${island.slice(0, 8)}`;
}

/** Seconds of silence of an island after which its session is lost. Long enough for a restart of the database. */
const SESSION_LEASE_SECONDS = 20;

/** A session is held once: who loses it starts another one. */
export const SESSION_SETTINGS = {
  retryLimit: 0,
  retryDelay: 0,
  heartbeatSeconds: SESSION_LEASE_SECONDS,
  expireInSeconds: 6 * 3600,
  deleteAfterSeconds: 600,
  retentionSeconds: 86_400,
};
