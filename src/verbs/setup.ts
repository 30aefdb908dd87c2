import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseConfig } from '../base/config.ts';
import { EXIT, RalphError } from '../base/errors.ts';
import { median } from '../base/numbers.ts';
import { PACKAGE_ROOT } from '../base/roots.ts';
import { print, printJson, say } from '../base/terminal.ts';
import { must } from '../journal/git/command.ts';
import { digits } from '../journal/projections/measured.ts';
import { readRalphConfig } from '../loop/config.ts';
import { type Contract, contractSchema } from '../task/command/contract/contract.ts';
import { measureBaseline } from '../task/command/evaluate.ts';
import { placeOf } from '../task/command/place.ts';
import { column } from '../task/command/ratchet/judge.ts';
import { openBench } from '../task/command/run/bench.ts';
import { requireSandbox } from '../task/command/run/sandbox.ts';
import { detect } from '../task/command/setup/detect.ts';
import type { Proposal } from '../task/command/setup/proposal.ts';
import { configText, programText } from '../task/command/setup/text.ts';
import { readsOutput, refuseBaseline } from '../task/command/task.ts';
import type { Handler } from './table/table.ts';

/** Points Ralph at a repository: proposes the contract, writes it into `ralph/`, measures the project as it is. */
export const setup: Handler<'setup'> = async ({
  dir,
  yes,
  check,
  run,
  score,
  guard,
  editable,
  metric,
  better,
  budget,
  sandbox,
  json,
}) => {
  const folder = resolve(dir);
  const place = await placeOf(folder);
  const path = join(folder, 'ralph', 'ralph.yaml');
  if (check) return show(folder, readContract(path), json);
  if (existsSync(path))
    throw new RalphError(`${path} is there already`, {
      remedy: 'Edit it and check it with: ralph setup --check. To begin anew, remove it first.',
      exitCode: EXIT.usage,
    });
  const proposal = detect(folder);
  const contract = await agreed(proposal, { yes, run, score, guard, editable, metric, better, budget, sandbox });
  const shipped = readFileSync(join(PACKAGE_ROOT, 'config', 'ralph.yaml'), 'utf8');
  mkdirSync(join(folder, 'ralph'), { recursive: true });
  writeFileSync(path, configText(contract, shipped));
  const program = join(folder, 'ralph', 'program.md');
  if (!existsSync(program)) writeFileSync(program, programText(contract));
  writeFileSync(join(folder, 'ralph', '.gitignore'), 'runs/\n');
  say(`written: ${path}, program.md`);
  for (const note of proposal?.notes ?? []) say(`note: ${note}`);
  const dirty = (await must(place.repository, ['status', '--porcelain', '--untracked-files=no'])) !== '';
  if (dirty) say('note: a run starts from the last commit; your uncommitted changes are not part of it');
  if (proposal && !proposal.runs) return EXIT.done;
  return show(folder, contract, json);
};

interface Choices {
  readonly yes: boolean;
  readonly run: string | undefined;
  readonly score: string | undefined;
  readonly guard: string | undefined;
  readonly editable: readonly string[];
  readonly metric: string | undefined;
  readonly better: 'lower' | 'higher';
  readonly budget: number | undefined;
  readonly sandbox: 'bubblewrap' | 'none';
}

/** The proposal with what the flags say, after questions on a terminal. Throws RalphError where something is missing. */
async function agreed(proposal: Proposal | null, choices: Choices): Promise<Contract> {
  const given = flagged(proposal, choices);
  if (proposal) say(`found: ${proposal.kind}`);
  const complete = choices.yes || !process.stdin.isTTY ? given : await asked(given);
  if (complete.run === undefined || complete.editable === undefined)
    throw new RalphError(proposal ? 'nothing to run was found' : 'no known kind of project was found here', {
      remedy: 'Say it: ralph setup --run "COMMAND" --editable "src/**" --metric NAME --better lower',
      exitCode: EXIT.usage,
    });
  if (!choices.yes && !process.stdin.isTTY && choices.run === undefined)
    throw new RalphError('this is no terminal, so nothing can be asked', {
      remedy: 'Take the proposal with --yes, or give --run and what else differs.',
      exitCode: EXIT.usage,
    });
  return parseConfig(JSON.stringify(complete), contractSchema, 'the contract');
}

function flagged(proposal: Proposal | null, choices: Choices): Partial<Proposal['contract']> {
  const { run, score, guard, editable, metric, better, budget, sandbox } = choices;
  const name = metric ?? 'seconds';
  const metrics = { [name]: { from: name === 'seconds' ? ('seconds' as const) : ('line' as const), better } };
  return {
    goal: 'Make the metric better.',
    ...(proposal?.contract ?? { metrics, primary: name }),
    ...(run && { run }),
    ...(score && { score }),
    ...(guard && { guard }),
    ...(editable.length > 0 && { editable: [...editable] }),
    ...(metric && { metrics, primary: name }),
    ...(budget && { budgetSeconds: budget }),
    sandbox,
  };
}

/** Asks for what matters most; an empty answer takes what is proposed. */
async function asked(given: Partial<Proposal['contract']>): Promise<Partial<Proposal['contract']>> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ask = async (what: string, now: string) => (await lines.question(`${what} [${now}] `)).trim() || now;
    const editable = await ask('files that may change, comma between', (given.editable ?? []).join(', '));
    const run = await ask('command to measure', given.run ?? '');
    const score = await ask('command that scores its result', given.score ?? '');
    const guard = await ask('command that must pass', given.guard ?? '');
    const files = editable.split(',').flatMap((each) => each.trim() || []);
    return { ...given, editable: files.length > 0 ? files : undefined, run: run || undefined, score, guard };
  } catch (cause) {
    // Ctrl+C or Ctrl+D.
    throw new RalphError('the questions were broken off; nothing is written', {
      remedy: 'Begin again with: ralph setup. It takes its proposal unasked with --yes.',
      exitCode: EXIT.interrupted,
      cause,
    });
  } finally {
    lines.close();
  }
}

function readContract(path: string): Contract {
  const { task } = readRalphConfig(path, {});
  if (typeof task === 'object' && 'editable' in task) return task;
  throw new RalphError(`${path} describes another task`, {
    remedy: 'Make a contract with: ralph setup',
    exitCode: EXIT.usage,
  });
}

/** Measures the project once as it is and says what came out. */
async function show(folder: string, contract: Contract, json: boolean): Promise<0> {
  requireSandbox(contract);
  const place = await placeOf(folder);
  const dir = mkdtempSync(join(tmpdir(), 'ralph-setup-'));
  const { signal } = new AbortController();
  try {
    const commit = await must(place.repository, ['rev-parse', 'HEAD']);
    const bench = await openBench({ place, commit, contract, dir, signal, say });
    if (bench.editable.length === 0)
      throw new RalphError(`no committed file is named by editable: ${contract.editable.join(', ')}`, {
        remedy: 'Edit "editable" in ralph/ralph.yaml, or commit the files.',
        exitCode: EXIT.usage,
      });
    const { samples, seconds } = await measureBaseline({}, { bench, contract, signal, repeats: 1 }).catch(
      refuseBaseline,
    );
    const names = Object.keys(contract.metrics);
    const values = Object.fromEntries(names.map((name) => [name, median(column(samples, name))]));
    const trusted = contract.score !== '' || !readsOutput(contract);
    if (json) {
      printJson({
        editable: bench.editable,
        values,
        primary: contract.primary,
        seconds,
        sandbox: contract.sandbox,
        trusted,
      });
      return EXIT.done;
    }
    print(`may change: ${bench.editable.slice(0, 10).join(', ')}${bench.editable.length > 10 ? ' …' : ''}`);
    print(
      `baseline:   ${names.map((name) => `${name} ${digits(values[name])}`).join(', ')} (${contract.primary} decides, ${contract.metrics[contract.primary].better} is better)`,
    );
    print(`guard:      ${contract.guard === '' ? 'none' : `passed: ${contract.guard}`}`);
    print(`sandbox:    ${contract.sandbox}`);
    if (!trusted)
      print('mind:       the measured code prints its own numbers; give a --score command that reads its result');
    print('start with: ralph run --tag first --cycles 10');
    return EXIT.done;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
