import { join } from 'node:path';
import { closing } from '../base/closing.ts';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { EXIT, type ExitCode, RalphError, UsageError } from '../base/errors.ts';
import { counted, percent } from '../base/numbers.ts';
import { configFolder, PROJECT_DIR } from '../base/roots.ts';
import { type GatesConfig, readGatesConfig } from '../gates/config.ts';
import type { HoldoutAnswer } from '../gates/holdout.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { originOf } from '../journal/git/branch.ts';
import { openJournal } from '../journal/journal.ts';
import { lockRun } from '../journal/lock.ts';
import { changeText } from '../journal/projections/measured.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { readRalphConfig } from '../loop/config.ts';
import { rangeOf } from '../task/command/contract/returns.ts';
import { placeOf } from '../task/command/place.ts';
import { promoteKeeps } from '../task/command/promote.ts';
import { refuseOtherRules } from '../task/command/provenance.ts';
import { openHoldout as openReturnsHoldout } from '../task/command/returns/holdout.ts';
import { openReturnsLedger } from '../task/command/returns/ledger.ts';
import { openBench } from '../task/command/run/bench.ts';
import type { Measuring } from '../task/command/run/measure.ts';
import { requireSandbox } from '../task/command/run/sandbox.ts';
import { configPath } from '../task/config-path.ts';
import { promoteTrial } from '../task/trading/promote.ts';
import { eventsIn, RUNS } from './run.ts';
import type { Handler } from './table/table.ts';

/** Opens the holdout for one kept trial: once, within the ration, journaled before the look. It can only veto. */
export const promote: Handler<'promote'> = async ({ tag, json }, [trial]) => {
  // A project that was set up has its ralph.yaml beside its runs.
  if (configFolder(PROJECT_DIR) === PROJECT_DIR) return promoteProject(runFolder(RUNS, tag), trial, json);
  if (trial === undefined)
    throw new UsageError('TRIAL is missing', {
      remedy: 'Name the kept trial whose holdout is to be opened: npm run ralph -- promote 0042-1',
    });
  const answer = await openHoldout(runFolder(RUNS, tag), trial);
  if (json) printJson(answer);
  else print(answer.message);
  return answer.answer === 'rejected' ? EXIT.failed : EXIT.done;
};

/** The same for another caller. Throws RalphError while a harness is at work in the run folder. */
export async function openHoldout(runDir: string, trial: string): Promise<HoldoutAnswer> {
  using ends = new DisposableStack();
  ends.adopt(lockRun(runDir), (lock) => lock.release());
  await using journal = closing(openJournal(join(runDir, 'journal.jsonl')));
  const [first] = journal.events;
  if (first?.type === 'run.started' && first.task === 'project')
    throw new RalphError('a project has no holdout: its keeps are promoted all together', {
      remedy: 'On the command line: ralph promote',
    });
  const configDir = configFolderOf(journal.events, PROJECT_DIR);
  return await promoteTrial({ projectDir: PROJECT_DIR, configDir, runDir, journal, trial });
}

/** One squashed commit for each kept change on a branch `ralph/<tag>`, and the whole gain measured again against the baseline. */
async function promoteProject(runDir: string, trial: string | undefined, json: boolean): Promise<ExitCode> {
  const events = eventsIn(runDir);
  const { task: contract } = readRalphConfig(join(configFolder(PROJECT_DIR), 'ralph.yaml'), {});
  const origin = originOf(runDir);
  if (typeof contract !== 'object' || !('editable' in contract) || !origin)
    throw new UsageError('this run and the contract in ralph.yaml do not belong together', {
      remedy: 'Put back the ralph.yaml that the run was started with.',
    });
  requireSandbox(contract);
  using ends = new DisposableStack();
  ends.adopt(lockRun(runDir), (lock) => lock.release());
  const { signal } = new AbortController();
  const dir = join(runDir, 'bench');
  const place = await placeOf(PROJECT_DIR);
  const bench = await openBench({ place, commit: origin.base, contract, dir, signal, say });
  const gates = readGatesConfig(configPath(PROJECT_DIR, configFolder(PROJECT_DIR), 'gates.yaml'));
  const taken = trial ?? keepsIn(events).at(-1);
  if (taken !== undefined) refuseOtherRules(events, taken, { contract, bench, gates });
  const holdout = contract.returns
    ? await askHoldout({ runDir, contract, bench, signal }, events, gates, trial)
    : undefined;
  if (holdout?.answer === 'rejected') {
    if (json) printJson({ holdout });
    else print(`${holdout.message}\nno branch is made: the holdout can veto`);
    return EXIT.failed;
  }
  const promoted = await promoteKeeps({ runDir, events, contract, bench, signal, upTo: trial ?? null });
  if (json) printJson(holdout ? { ...promoted, holdout } : promoted);
  else {
    if (holdout) print(holdout.message);
    const { total, commits, branch } = promoted;
    for (const { trial: kept, commit, subject } of commits) print(`${commit.slice(0, 10)} ${kept} ${subject}`);
    print(
      contract.returns
        ? `total over train, played again: ${changeText(total.change)} than the baseline`
        : `total, measured again: ${changeText(total.change)} than the baseline (95%: ${percent(total.low)} to ${percent(total.high)}; ${counted(total.repeats, 'run')} each)`,
    );
    print(`merge it with: git merge ${branch}`);
  }
  return EXIT.done;
}

/** The kept trials of a run whose files are on its branch, in order. */
function keepsIn(events: readonly RunEvent[]): string[] {
  return stateOf(events).cycles.flatMap(({ verdict, committed }) =>
    verdict?.outcome === 'keep' && committed ? (verdict.trial ?? []) : [],
  );
}

/** The days that nobody has seen, for the keep that the branch would end with. */
async function askHoldout(
  measuring: Measuring & { readonly runDir: string },
  events: readonly RunEvent[],
  gates: GatesConfig,
  named: string | undefined,
): Promise<HoldoutAnswer> {
  const { runDir, contract, bench } = measuring;
  const keeps = keepsIn(events);
  const trial = named ?? keeps.at(-1);
  if (trial === undefined || !keeps.includes(trial))
    throw new UsageError(named ? `${named} is not a keep of this run` : 'this run has kept nothing', {
      remedy: `Kept so far: ${keeps.join(', ') || 'none'}.`,
    });
  const ledger = openReturnsLedger(PROJECT_DIR, configFolder(PROJECT_DIR), contract.returns!, bench.heldBack);
  await using _ = closing(ledger.ledger);
  await using journal = closing(openJournal(join(runDir, 'journal.jsonl')));
  // The answer is written down: asked once more, a change says what it said then.
  const before = journal.events.find((event) => event.type === 'holdout.answered' && event.trial === trial);
  if (before?.type === 'holdout.answered') {
    const { answer, sharpe, detectable } = before;
    const { from, to } = rangeOf(contract.returns!, 'holdout');
    const message = `${answer} when its holdout was opened: sharpe ${sharpe?.toFixed(2) ?? 'undefined'}`;
    const years = (to - from) / 31_536_000_000;
    return { answer: answer as HoldoutAnswer['answer'], sharpe, detectable, years, message };
  }
  return await openReturnsHoldout({ ...measuring, journal, trial, gates, ledger });
}
