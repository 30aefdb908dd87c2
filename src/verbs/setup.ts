import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { UsageError } from '../base/errors.ts';
import { median } from '../base/numbers.ts';
import { PACKAGE_ROOT } from '../base/roots.ts';
import { must } from '../journal/git/command.ts';
import { digits } from '../journal/projections/measured.ts';
import { readRalphConfig } from '../loop/config.ts';
import type { Contract } from '../task/command/contract/contract.ts';
import { measureBaseline } from '../task/command/evaluate.ts';
import { placeOf } from '../task/command/place.ts';
import { column } from '../task/command/ratchet/judge.ts';
import { openBench } from '../task/command/run/bench.ts';
import { requireSandbox } from '../task/command/run/sandbox.ts';
import { removeAll } from '../task/command/run/tree.ts';
import { detect } from '../task/command/setup/detect.ts';
import { expectationOf } from '../task/command/setup/expect.ts';
import { configText, programText } from '../task/command/setup/text.ts';
import { readsOutput, refuseBaseline } from '../task/command/task.ts';
import { agreed } from './setup/agreed.ts';
import type { Handler } from './table/table.ts';

/** Points Ralph at a repository: proposes the contract, writes it into `ralph/`, measures the project as it is. */
export const setup: Handler<'setup'> = async ({ dir, yes, check, json, ...choices }) => {
  const folder = resolve(dir);
  const place = await placeOf(folder);
  const path = join(folder, 'ralph', 'ralph.yaml');
  if (check) {
    const contract = readContract(path);
    return tell(contract, await measureOnce(folder, contract), json);
  }
  if (existsSync(path))
    throw new UsageError(`${path} is there already`, {
      remedy: 'Edit it and check it with: ralph setup --check. To begin anew, remove it first.',
    });
  const proposal = detect(folder);
  const contract = await agreed(proposal, { yes, ...choices });
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
  if (proposal && !proposal.runs) {
    if (!json) describe(contract);
    return;
  }
  const once = await measureOnce(folder, contract);
  const whole = withExpectation(contract, once.guardSaid);
  if (whole !== contract) writeFileSync(path, configText(whole, shipped));
  tell(whole, once, json);
};

/** The contract that asks the guard for the tests which it ran now, so that a change cannot end them early. */
function withExpectation(contract: Contract, guardSaid: string): Contract {
  if (contract.guard === '' || contract.guardExpect !== '') return contract;
  const guardExpect = expectationOf(guardSaid);
  if (guardExpect !== null) return { ...contract, guardExpect };
  say(
    'note: the guard does not print how many tests ran: set guardExpect, or code that ends the tests early passes them',
  );
  return contract;
}

function readContract(path: string): Contract {
  const { task } = readRalphConfig(path, {});
  if (typeof task === 'object' && 'editable' in task) return task;
  throw new UsageError(`${path} describes another task`, { remedy: 'Make a contract with: ralph setup' });
}

type Once = Awaited<ReturnType<typeof measureOnce>>;

/** Measures the project once as it is. */
async function measureOnce(folder: string, contract: Contract) {
  requireSandbox(contract);
  const place = await placeOf(folder);
  const dir = mkdtempSync(join(tmpdir(), 'ralph-setup-'));
  using ends = new DisposableStack();
  ends.defer(() => removeAll(dir));
  const { signal } = new AbortController();
  const commit = await must(place.repository, ['rev-parse', 'HEAD']);
  const bench = await openBench({ place, commit, contract, dir, signal, say });
  const { editable } = bench;
  if (editable.length === 0)
    throw new UsageError(`no committed file is named by editable: ${contract.editable.join(', ')}`, {
      remedy: 'Edit "editable" in ralph/ralph.yaml, or commit the files.',
    });
  const measuring = { bench, contract, signal, repeats: 1 };
  const { samples, seconds, guardSaid } = await measureBaseline({}, measuring).catch(refuseBaseline);
  const names = Object.keys(contract.metrics);
  const values = Object.fromEntries(names.map((name) => [name, median(column(samples, name))]));
  return { editable, values, seconds, guardSaid };
}

/** Says what was agreed and what came out. */
function tell(contract: Contract, { editable, values, seconds }: Once, asJson: boolean): void {
  const { primary, sandbox } = contract;
  const trusted = contract.score !== '' || !readsOutput(contract);
  if (asJson) {
    printJson({ editable, values, primary, seconds, sandbox, trusted });
    return;
  }
  describe(contract, editable);
  const measured = Object.entries(values).map(([name, value]) => `${name} ${digits(value)}`);
  print(`baseline:   ${measured.join(', ')}${contract.guard === '' ? '' : '; the guard passed'}`);
  if (!trusted)
    print('mind:       the measured code prints its own numbers; give a --score command that reads its result');
  print('start with: ralph run --tag first --cycles 10');
}

/** The contract in a few lines; `editable` are the files that its globs name. */
function describe(contract: Contract, editable: readonly string[] = contract.editable): void {
  const { primary, metrics, run, score, guard, guardExpect, readOnly, budgetSeconds, repeats, sandbox } = contract;
  const times = repeats === 1 ? 'measured once' : `${repeats.least} to ${repeats.most} measurements a side`;
  print(`may change: ${editable.slice(0, 10).join(', ')}${editable.length > 10 ? ' …' : ''}`);
  print(`read-only:  ${readOnly.map((glob) => (glob === '**' ? 'every other file' : glob)).join(', ')}`);
  print(`measures:   ${run}${score === '' ? '' : `; then ${score}`}`);
  print(`metric:     ${primary}, ${metrics[primary].better} is better`);
  print(`guard:      ${guard || 'none'}${guardExpect === '' ? '' : `, must print ${guardExpect}`}`);
  print(`budget:     ${budgetSeconds} s a command, ${times}`);
  print(`sandbox:    ${sandbox}`);
}
