import { z } from 'zod';

/** A trial is about to see the held-back folds; `look` counts them. */
export const selectionLooked = z.object({
  type: z.literal('selection.looked'),
  trial: z.string(),
  cycle: z.number(),
  look: z.number(),
});

/** Kept from the agent, the digest, the results and the tracker: only the harness reads it. */
export const selectionAnswered = z.object({
  type: z.literal('selection.answered'),
  trial: z.string(),
  cycle: z.number(),
  look: z.number(),
  passed: z.boolean(),
  sharpe: z.number().nullable(),
});

/** The holdout is about to be opened for a keep: written before the look. */
export const holdoutOpened = z.object({
  type: z.literal('holdout.opened'),
  candidate: z.string(),
  trial: z.string(),
  look: z.number(),
});

/** What the holdout said. */
export const holdoutAnswered = z.object({
  type: z.literal('holdout.answered'),
  candidate: z.string(),
  trial: z.string(),
  answer: z.string(),
  sharpe: z.number().nullable(),
  detectable: z.number(),
});
