import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import { counted, percent } from '../../base/numbers.ts';
import { configFolder, PROJECT_DIR } from '../../base/roots.ts';
import { print, printJson, say } from '../../base/terminal.ts';
import { originOf } from '../../journal/git/branch.ts';
import { readJournal } from '../../journal/journal.ts';
import { lockRun } from '../../journal/lock.ts';
import { changeText } from '../../journal/projections/measured.ts';
import { readRalphConfig } from '../../loop/config.ts';
import { promoteKeeps } from '../../task/command/promote.ts';
import { openBench } from '../../task/command/run/bench.ts';
import { requireSandbox } from '../../task/command/run/sandbox.ts';
import { placeOf } from '../../task/command/task.ts';

/** One squashed commit for each kept change on a branch `ralph/<tag>`, and the whole gain measured again against the baseline. */
export async function promoteProject(runDir: string, trial: string | undefined, json: boolean): Promise<ExitCode> {
  const events = readJournal(join(runDir, 'journal.jsonl'));
  const { task: contract } = readRalphConfig(join(configFolder(PROJECT_DIR), 'ralph.yaml'), {});
  const origin = originOf(runDir);
  if (typeof contract !== 'object' || !('editable' in contract) || !origin)
    throw new RalphError('this run and the contract in ralph.yaml do not belong together', {
      remedy: 'Put back the ralph.yaml that the run was started with.',
      exitCode: EXIT.usage,
    });
  requireSandbox(contract);
  const lock = lockRun(runDir);
  const { signal } = new AbortController();
  try {
    const dir = join(runDir, 'bench');
    mkdirSync(dir, { recursive: true });
    const place = await placeOf(PROJECT_DIR);
    const bench = await openBench({ place, commit: origin.base, contract, dir, signal, say });
    const promoted = await promoteKeeps({ runDir, events, contract, bench, signal, upTo: trial ?? null });
    if (json) printJson(promoted);
    else {
      const { total, commits, branch } = promoted;
      for (const { trial: kept, commit, subject } of commits) print(`${commit.slice(0, 10)} ${kept} ${subject}`);
      print(
        `total, measured again: ${changeText(total.change)} than the baseline (95%: ${percent(total.low)} to ${percent(total.high)}; ${counted(total.repeats, 'run')} each)`,
      );
      print(`merge it with: git merge ${branch}`);
    }
    return EXIT.done;
  } finally {
    await lock.release();
  }
}
