import { z } from 'zod';
import { path } from './paths.ts';
import { returnsSchema } from './returns.ts';

const command = z.string().trim();
const positive = z.number().positive();

const limits = z.strictObject({
  memoryMb: positive.default(4096),
  processes: z.number().int().positive().default(512),
  diskMb: positive.default(1024),
});

const metric = z
  .strictObject({
    from: z.union([
      z.enum(['line', 'seconds', 'returns']),
      z.strictObject({ pattern: z.string().min(1) }),
      z.strictObject({ json: z.string().min(1), file: path.optional() }),
      z.strictObject({ bytes: path }),
    ]),
    better: z.enum(['lower', 'higher']),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    /** Share of the baseline that it may be worse by. */
    notWorseBy: z.number().nonnegative().optional(),
  })
  .check(({ value, issues }) => {
    if (typeof value.from !== 'object' || !('pattern' in value.from)) return;
    const { pattern } = value.from;
    const problem = patternProblem(pattern);
    if (problem) issues.push({ code: 'custom', path: ['from', 'pattern'], message: problem, input: pattern });
  });

/** What a project asks of Ralph: the block `task` of its ralph.yaml. setup/text.ts explains each key. */
export const contractSchema = z
  .strictObject({
    goal: z.string().min(1),
    editable: z.array(path).min(1),
    readOnly: z.array(path).default(['**']),
    hidden: z.array(path).default([]),
    carry: z.array(path).default([]),
    setup: command.default(''),
    build: command.default(''),
    run: command.min(1),
    score: command.default(''),
    writes: z.array(path).default([]),
    metrics: z
      .record(z.string().regex(/^[a-zA-Z][\w.-]{0,40}$/, 'must be a short word such as val_loss'), metric)
      .refine((all) => Object.keys(all).length > 0, 'needs at least one metric'),
    primary: z.string(),
    returns: returnsSchema.optional(),
    guard: command.default(''),
    guardExpect: z.string().default(''),
    budgetSeconds: positive.default(60),
    repeats: z
      .union([
        z.literal(1),
        z
          .strictObject({ least: z.number().int().min(6), most: z.number().int().max(10_000) })
          .refine(({ least, most }) => most >= least, 'most must be at least `least`'),
      ])
      .default({ least: 6, most: 60 }),
    simplerWithin: z.number().min(0).max(0.2).default(0.01),
    sandbox: z.enum(['bubblewrap', 'none']).default('bubblewrap'),
    network: z.boolean().default(false),
    lend: z.array(z.string().min(1)).default([]),
    limits: limits.prefault({}),
  })
  .check(({ value, issues }) => {
    const fail = (key: string, message: string, input: unknown) =>
      issues.push({ code: 'custom', path: [key], message, input });
    const names = Object.keys(value.metrics ?? {});
    if (!names.includes(value.primary))
      fail('primary', `must be one of the metrics: ${names.join(', ')}`, value.primary);
    if (value.guardExpect !== '') {
      const problem = patternProblem(value.guardExpect, 0);
      if (problem) fail('guardExpect', problem, value.guardExpect);
      if (value.guard === '') fail('guardExpect', 'needs a guard', value.guardExpect);
    }
    const ofReturns = names.filter((name) => value.metrics[name].from === 'returns');
    if (value.returns === undefined) {
      for (const name of ofReturns) fail('metrics', `${name} is from returns, and there is no block "returns"`, name);
    } else {
      if (ofReturns.length !== 1 || ofReturns[0] !== value.primary || value.metrics[value.primary].better !== 'higher')
        fail('primary', 'with "returns" it must be the one metric { from: returns, better: higher }', value.primary);
      if (value.repeats !== 1) fail('repeats', 'returns are played once: write repeats: 1', value.repeats);
      if (value.sandbox === 'none')
        fail('sandbox', 'returns need it: only it keeps held-back days from the code', 'none');
    }
    if (value.hidden.length > 0 && (value.sandbox === 'none' || value.score === ''))
      fail(
        'hidden',
        'needs the sandbox and a score command: only they keep a file from the measured code',
        value.hidden,
      );
  });

export type Contract = z.infer<typeof contractSchema>;
export type Metric = z.infer<typeof metric>;

/** Why a regular expression cannot be used, or null. `groups`: how many it must capture at least. */
function patternProblem(pattern: string, groups = 1): string | null {
  try {
    const found = new RegExp(`${pattern}|`).exec('');
    if ((found?.length ?? 1) - 1 >= groups) return null;
    return 'must capture the number: put it in brackets, such as loss: (\\S+)';
  } catch {
    return 'is no regular expression';
  }
}

/** The direction as a sign: values times this are better when higher. */
export function signOf({ better }: Pick<Metric, 'better'>): 1 | -1 {
  return better === 'higher' ? 1 : -1;
}
