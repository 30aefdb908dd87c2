import { z } from 'zod';
import { WIRE_SETTINGS } from '../agent/wire.ts';
import { describeIssues, readConfig } from '../base/config.ts';
import { SCHEMA_NAME } from '../fleet/server/tables.ts';
import { contractSchema } from '../task/command/contract/contract.ts';
import { numberTask } from '../task/options.ts';
import { PROPOSERS } from '../task/task.ts';

const positive = z.number().positive();
const count = z.number().int().positive();

const sampling = z.strictObject({
  temperature: z.number().min(0).max(2),
  topP: z.number().min(0).max(1),
  topK: z.number().int().min(-1).optional(),
  minP: z.number().min(0).max(1).optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  maxTokens: count,
  thinking: z.boolean(),
});

const ralphConfigSchema = z.strictObject({
  endpoint: z.strictObject({
    baseUrl: z.url(),
    model: z.string(),
    /** First day that the model cannot know, `none` for data that it cannot have read; empty: by the model's name. */
    knowledgeUntil: z.union([z.iso.date(), z.enum(['', 'none'])]).default(''),
    restartCommand: z.array(z.string()).default([]),
  }),
  sampling: z.strictObject({ new: sampling, refine: sampling }),
  session: z.strictObject({
    turns: count,
    tokens: count,
    wallMinutes: positive,
    idleSeconds: positive.max(290),
    contextTokens: count,
    promptTokens: count,
    wire: z.enum(WIRE_SETTINGS).default('auto'),
    tuneNumbers: z.boolean().default(false),
  }),
  agent: z.union([
    z.literal('builtin'),
    z.strictObject({ command: z.array(z.string()).min(1) }),
    z.strictObject({ proposer: z.enum(PROPOSERS) }),
  ]),
  budgets: z.strictObject({
    cycles: count,
    trials: count,
    hours: positive,
    tokens: count,
    faults: count,
  }),
  /** Money for a million tokens read and written, where the model costs any; the report adds it up. */
  price: z.strictObject({ prompt: z.number().nonnegative(), completion: z.number().nonnegative() }).optional(),
  trialsPerCycle: count,
  /** When nothing can be kept on these data any more: end with exit 3, or go on with train alone, labelled. */
  whenLooksAreSpent: z.enum(['stop', 'train-only']).default('stop'),
  islands: z.strictObject({ count: count.max(16), migrateEvery: count }),
  fleet: z
    .strictObject({
      /** Who evaluates candidates: processes of this host, or workers on any host that reaches DATABASE_URL. */
      evaluations: z.enum(['here', 'workers']).default('here'),
      /** Who holds the sessions: this process against its endpoint, or islands, each against its own. */
      sessions: z.enum(['here', 'islands']).default('here'),
      /** Where they meet: the tables of the sessions lie in `NAME_fleet`, their queue in `NAME_queue`. */
      schema: z.string().regex(SCHEMA_NAME, 'a name in small letters').default('ralph'),
    })
    .prefault({}),
  askCommand: z.array(z.string()),
  notify: z
    .strictObject({
      command: z.array(z.string()).default([]),
      url: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
      perHour: count.default(6),
    })
    .prefault({}),
  /** Looks at the keeps between cycles, on bars that came after their windows. */
  forward: z
    .strictObject({
      everyHours: z.number().nonnegative().default(0),
      controls: z.number().int().nonnegative().default(0),
    })
    .prefault({}),
  faultBackoff: z.strictObject({ firstSeconds: z.number().nonnegative(), mostSeconds: z.number().nonnegative() }),
  /** Seconds between two updates of the task's own copy of the results. */
  publishSeconds: positive.default(60),
  tracking: z.strictObject({ project: z.string().min(1), entity: z.string(), baseUrl: z.url() }),
  task: z.unknown().transform((value, context) => {
    if (value === 'trading') return value;
    const isNumber = typeof value === 'object' && value !== null && 'keepAt' in value;
    const schema = isNumber ? numberTask : contractSchema;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const [told] = describeIssues([issue], schema, value, '');
      const unknown = issue.code === 'unrecognized_keys';
      const message = unknown ? told.slice(told.indexOf('unknown key')) : issue.message;
      const path = unknown ? [...issue.path, issue.keys[0]] : [...issue.path];
      context.issues.push({ code: 'custom', message, path, input: value });
    }
    return z.NEVER;
  }),
});

export type RalphConfig = z.infer<typeof ralphConfigSchema>;

/** Reads ralph.yaml; RALPH_BASE_URL and RALPH_MODEL override the endpoint. Throws RalphError (exit 2). */
export function readRalphConfig(path: string, env: NodeJS.ProcessEnv): RalphConfig {
  const config = readConfig(path, ralphConfigSchema);
  const endpoint = {
    ...config.endpoint,
    baseUrl: env.RALPH_BASE_URL || config.endpoint.baseUrl,
    model: env.RALPH_MODEL || config.endpoint.model,
  };
  return { ...config, endpoint };
}
