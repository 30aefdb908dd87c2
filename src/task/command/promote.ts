import { EXIT, RalphError } from '../../base/errors.ts';
import { median } from '../../base/numbers.ts';
import type { RunEvent } from '../../journal/events.ts';
import { originOf } from '../../journal/git/branch.ts';
import { git, identityArgs, must } from '../../journal/git/command.ts';
import { openObjects } from '../../journal/objects.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { signOf } from './contract/contract.ts';
import { filesOf } from './ratchet/best.ts';
import { shiftOf } from './ratchet/rank.ts';
import { playValues } from './returns/play.ts';
import { pairSeed } from './run/bench.ts';
import { build, type Measuring } from './run/measure.ts';

/** What a run's keeps come to, ready to be merged. */
export interface Promoted {
  readonly branch: string;
  readonly commits: readonly { readonly trial: string; readonly commit: string; readonly subject: string }[];
  /** The last keep against the files that the run started from, measured again; shares of the baseline, positive when better. */
  readonly total: { readonly change: number; readonly low: number; readonly high: number; readonly repeats: number };
}

export interface PromoteOptions extends Measuring {
  readonly runDir: string;
  readonly events: readonly RunEvent[];
  /** The last keep to take; null for all. */
  readonly upTo: string | null;
}

/** A branch with one commit for each kept change, on the commit that the run started from. The user's checkout is not touched. Throws RalphError without a keep. */
export async function promoteKeeps(options: PromoteOptions): Promise<Promoted> {
  const { runDir, events, bench, upTo } = options;
  const { repository } = bench.place;
  const { cycles, tag } = stateOf(events);
  const keeps = cycles.filter(({ verdict, committed }) => verdict?.outcome === 'keep' && committed);
  const last = upTo === null ? keeps.length - 1 : keeps.findIndex(({ verdict }) => verdict?.trial === upTo);
  const taken = keeps.slice(0, last + 1);
  const origin = originOf(runDir);
  if (taken.length === 0 || !origin)
    throw new RalphError(upTo === null ? 'this run has kept nothing' : `${upTo} is not what a cycle of this run kept`, {
      remedy: 'See what was kept with: ralph results',
      exitCode: EXIT.usage,
    });
  const branch = `ralph/${tag}`;
  await refuseOwnWork(repository, branch, origin.base);
  const total = await measureTotal(taken.at(-1)!.verdict!.trial!, options);
  const commits: Promoted['commits'][number][] = [];
  let parent = origin.base;
  for (const { verdict, committed, trials } of taken) {
    const trial = trials.find((each) => each.trial === verdict!.trial);
    const subject = `${trial?.family}: ${verdict!.reasons.at(-1)?.message ?? ''}`;
    const message = `${trial?.family}\n\n${trial?.started.hypothesis}\n\n${verdict!.reasons.map((reason) => reason.message).join('\n')}\n\nRalph-Trial: ${verdict!.trial}\n`;
    const commit = ['commit-tree', `${committed!.commit}^{tree}`, '-p', parent, '-F', '-'];
    parent = (await must(repository, [...(await identityArgs(repository)), ...commit], message)).trim();
    commits.push({ trial: verdict!.trial!, commit: parent, subject });
  }
  await must(repository, ['branch', '--no-track', '--force', branch, parent]);
  return { branch, commits, total };
}

/** A branch of an earlier promotion is made anew; one that holds other commits is somebody's work. */
async function refuseOwnWork(repository: string, branch: string, base: string): Promise<void> {
  const known = await git(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
  if (!known.ok) return;
  const others = ['log', '--format=%h', '--invert-grep', '--grep=^Ralph-Trial: ', `${base}..${known.out}`];
  const [own] = (await must(repository, others)).split('\n');
  if (own === '') return;
  throw new RalphError(`the branch ${branch} holds a commit that promote did not make: ${own}`, {
    remedy: `Rename it, and promote again: git branch -m ${branch} NAME`,
    exitCode: EXIT.usage,
  });
}

/** The last keep and the baseline in turns, twice as often as a comparison takes at least. */
async function measureTotal(trial: string, options: PromoteOptions): Promise<Promoted['total']> {
  const { events, runDir, bench, contract } = options;
  const { primary } = contract;
  const sign = signOf(contract.metrics[primary]);
  const repeats = contract.repeats === 1 ? 1 : Math.min(contract.repeats.most, 2 * contract.repeats.least);
  using baseline = bench.arm({});
  using last = bench.arm(filesOf(events, trial, openObjects(runDir)));
  const arms = [baseline, last];
  const columns: number[][] = [[], []];
  for (const arm of arms) await build(arm, options);
  for (let pair = 1; pair <= repeats; pair++) {
    const seed = pairSeed('promote', pair);
    for (const side of pair % 2 === 0 ? [0, 1] : [1, 0])
      columns[side].push(sign * (await playValues(arms[side], seed, options))[primary]);
  }
  const { by, low, high } = shiftOf(columns[0], columns[1]);
  const scale = Math.abs(median(columns[0])) || 1;
  return { change: by / scale, low: low / scale, high: high / scale, repeats };
}
