import { z } from 'zod';

/** A hint that a cycle boundary took from the inbox; `cycle` is the first that reads it. */
export const hintTaken = z.object({
  type: z.literal('hint.taken'),
  hint: z.string(),
  text: z.string(),
  sha256: z.string(),
  cycle: z.number(),
  priority: z.number(),
  expiresAt: z.number().nullable(),
  scope: z.string(),
  /** Where it was written; absent for the command line or an editor. */
  from: z.string().optional(),
});

/** A session said whether it follows a hint, and why. */
export const hintAnswered = z.object({
  type: z.literal('hint.answered'),
  hint: z.string(),
  cycle: z.number(),
  accepted: z.boolean(),
  why: z.string(),
});

/** A hint that was withdrawn. */
export const hintDropped = z.object({ type: z.literal('hint.dropped'), hint: z.string(), why: z.string() });
