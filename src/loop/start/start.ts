import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../../base/failpoint.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { sha256 } from '../../base/hash.ts';
import { cycleFolder } from '../../journal/cycle-files.ts';
import { estimateTokens } from '../../search/digest/tokens.ts';
import { askHuman } from '../../search/hints/ask.ts';
import { doerOf } from '../../task/doer.ts';
import type { Brief } from '../../task/task.ts';
import { withFaults } from '../faults.ts';
import type { Run } from '../run.ts';
import { type Picked, pickDirective } from '../steps/pick.ts';
import { openCycle } from '../steps/session.ts';

/** Decides what a cycle is for, writes its brief, and journals both: from here on the cycle exists. */
export async function startCycle(run: Run, cycle: number, island: number | null): Promise<void> {
  const picked = pickDirective(run, cycle, island);
  const open = openCycle(run, cycle, picked);
  const { turns, contextTokens } = run.config.session;
  const brief = await run.task.brief(open, { turns, window: run.capabilities?.window ?? contextTokens });
  keepBrief(run, cycle, brief);
  const shown = await chargeShown(run, brief);
  await askWhenStuck(run, cycle, picked, brief.task);
  const { directive, seed, temperature } = picked;
  failpoint('loop.start.before');
  run.journal.append({
    type: 'cycle.started',
    cycle,
    seed,
    directive: directive.kind,
    why: directive.why,
    base: directive.base,
    family: directive.family,
    gate: directive.gate,
    state: picked.state,
    step: picked.escalation.step,
    ...(island === null ? {} : { island }),
    ...(picked.nudge === null ? {} : { nudge: picked.nudge }),
    sampling: { seed, temperature },
    briefSha256: sha256(brief.system + brief.task),
    briefTokens: estimateTokens(brief.system) + estimateTokens(brief.task),
    ...(brief.digestTokens === undefined ? {} : { digestTokens: brief.digestTokens }),
    ...(shown && { shown }),
    hints: picked.hints,
  });
  failpoint('loop.start.after');
}

/** What the session is to see of a tuning counts before it sees it, once a trial; the ledger first, as for a trial. */
async function chargeShown(run: Run, { shown }: Brief): Promise<Brief['shown']> {
  const { events } = run.journal;
  if (!shown || events.some((event) => event.type === 'cycle.started' && event.shown?.trial === shown.trial)) return;
  await withFaults(run, 'charging what is shown', async () =>
    run.task.ledger?.show(doerOf(events, shown.trial), shown.curves),
  );
  return { ...shown };
}

/** On the disk before the cycle exists. The system text is the same in most cycles: it is stored once and linked. */
function keepBrief(run: Run, cycle: number, { system, task }: Brief): void {
  const folder = cycleFolder(run.dir, cycle);
  const link = join(folder, 'system.md');
  rmSync(link, { force: true });
  const stored = join(run.dir, 'objects', run.objects.put(system));
  try {
    linkSync(stored, link);
  } catch {
    // A file system without links.
    writeFileAtomic(link, system);
  }
  // Syncs the folder, and with it the link.
  writeFileAtomic(join(folder, 'brief.md'), task);
}

/** The search goes on meanwhile; the answer, if one comes, is a hint. */
async function askWhenStuck(
  run: Run,
  cycle: number,
  { escalation, state, stateWhy }: Picked,
  digest: string,
): Promise<void> {
  if (!escalation.ask) return;
  const asked = run.journal.events.some((event) => event.type === 'human.asked' && event.cycle === cycle);
  if (asked) return;
  const why = `the search is ${state}: ${stateWhy}`;
  run.journal.append(
    await askHuman({ runDir: run.dir, tag: run.tag, cycle, why, digest, command: run.config.askCommand }),
  );
}
