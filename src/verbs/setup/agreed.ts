import { createInterface } from 'node:readline/promises';
import { parseConfig } from '../../base/config.ts';
import { say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError, UsageError } from '../../base/errors.ts';
import { type Contract, contractSchema } from '../../task/command/contract/contract.ts';
import type { Proposal } from '../../task/command/setup/proposal.ts';
import type { choices } from '../table/search.ts';
import type { Values } from '../table/verb.ts';

/** What the flags of `ralph setup` say; what is left out is as proposed. */
export type Choices = Values<typeof choices> & { readonly yes: boolean };

type Direction = 'lower' | 'higher';
type Draft = Partial<Proposal['contract']>;
/** The answer to a question, `now` where it is empty; asked again while `expected` says what was expected in its place. */
type Ask = (what: string, now: string, expected?: (text: string) => string | false) => Promise<string>;

/** The proposal with what the flags say, after questions on a terminal. Throws RalphError where something is missing. */
export async function agreed(proposal: Proposal | null, choices: Choices): Promise<Contract> {
  const given = flagged(proposal, choices);
  if (proposal) say(`found: ${proposal.kind}`);
  const complete = choices.yes || !process.stdin.isTTY ? given : await asked(given);
  if (complete.run === undefined || complete.editable === undefined)
    throw new UsageError(proposal ? 'nothing to run was found' : 'no known kind of project was found here', {
      remedy: 'Say it: ralph setup --run "COMMAND" --editable "src/**" --metric NAME --better lower',
    });
  if (!choices.yes && !process.stdin.isTTY && choices.run === undefined)
    throw new UsageError('this is no terminal, so nothing can be asked', {
      remedy: 'Take the proposal with --yes, or give --run and what else differs.',
    });
  return parseConfig(JSON.stringify(complete), contractSchema, 'the contract');
}

function flagged(proposal: Proposal | null, choices: Choices): Draft {
  const { run, score, guard, editable, readOnly, metric, better, budget, sandbox } = choices;
  const from = proposal?.contract ?? measuredBy({ goal: 'Make the metric better.' }, 'seconds', better);
  const measured = metric || better ? measuredBy(from, metric ?? from.primary ?? 'seconds', better) : from;
  return {
    ...measured,
    ...(run && { run }),
    ...(score && { score }),
    ...(guard && { guard }),
    ...(editable.length > 0 && { editable: [...editable] }),
    ...(readOnly.length > 0 && { readOnly: [...readOnly] }),
    ...(budget && { budgetSeconds: budget }),
    sandbox,
  };
}

/** The same with this metric to decide: one that it knows already, the wall time, or a printed line. */
function measuredBy(draft: Draft, name: string, better: Direction | undefined): Draft {
  const known = draft.metrics?.[name];
  const from = known?.from ?? (name === 'seconds' ? ('seconds' as const) : ('line' as const));
  const metric = { ...known, from, better: better ?? known?.better ?? 'lower' };
  const isExact = typeof from === 'object' && 'bytes' in from;
  const metrics = known ? { ...draft.metrics, [name]: metric } : { [name]: metric };
  // One measurement is enough for a size alone: a time or a score differs from run to run.
  const repeats = draft.repeats === 1 && !isExact && from !== 'returns' ? undefined : draft.repeats;
  return { ...draft, metrics, primary: name, repeats };
}

/** Asks for what matters most; an empty answer takes what is proposed. */
async function asked(given: Draft): Promise<Draft> {
  using lines = createInterface({ input: process.stdin, output: process.stderr });
  const ask: Ask = async (what, now, expected) => {
    const text = (await lines.question(`${what} [${now}] `)).trim() || now;
    const wrong = expected?.(text);
    if (!wrong) return text;
    say(`expected ${wrong}, got ${text}`);
    return ask(what, now, expected);
  };
  const askFiles = async (what: string, now: readonly string[]) => {
    const files = (await ask(what, now.join(', '))).split(',').flatMap((each) => each.trim() || []);
    return files.length > 0 ? files : undefined;
  };
  try {
    const editable = await askFiles('files that may change, comma between', given.editable ?? []);
    const readOnly = await askFiles('files that may never change, comma between', given.readOnly ?? ['**']);
    const run = await ask('command to measure', given.run ?? '');
    const measured = await askedMetric(given, ask);
    const score = await ask('command that scores its result', given.score ?? '');
    const guard = await ask('command that must pass', given.guard ?? '');
    const seconds = (text: string) => !(Number(text) > 0) && 'a number above 0';
    const budget = await ask('seconds that each command may take', String(given.budgetSeconds ?? 60), seconds);
    const rest = { editable, readOnly, run: run || undefined, score, guard, budgetSeconds: Number(budget) };
    return { ...measured, ...rest };
  } catch (cause) {
    // Ctrl+C or Ctrl+D.
    throw new RalphError('the questions were broken off; nothing is written', {
      remedy: 'Begin again with: ralph setup. It takes its proposal unasked with --yes.',
      exitCode: EXIT.interrupted,
      cause,
    });
  }
}

/** What decides and in which direction; a program that writes returns is judged by them, so nothing is asked. */
async function askedMetric(given: Draft, ask: Ask): Promise<Draft> {
  if (given.returns) return given;
  const name = await ask('metric that decides: seconds, or NAME of a line NAME=value', given.primary ?? 'seconds');
  const direction = (text: string) => !/^(lower|higher)$/.test(text) && 'lower or higher';
  const better = await ask('lower or higher is better', given.metrics?.[name]?.better ?? 'lower', direction);
  return measuredBy(given, name, better as Direction);
}
