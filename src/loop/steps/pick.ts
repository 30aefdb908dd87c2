import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../base/draw/terminal.ts';
import { seededRandom } from '../../base/random.ts';
import { programFile } from '../../base/roots.ts';
import type { RunEvent } from '../../journal/events.ts';
import { decideDirective } from '../../search/directive/decide.ts';
import type { Directive } from '../../search/directive/directive.ts';
import { type Escalation, escalationOf } from '../../search/directive/escalate.ts';
import { islandPlan, islandView } from '../../search/directive/islands.ts';
import { drawSampling } from '../../search/directive/perturb.ts';
import { programChange } from '../../search/directive/program.ts';
import { searchState } from '../../search/directive/state.ts';
import { activeHints, takeHints } from '../../search/hints/hints.ts';
import { historyOf } from '../../search/memory/history.ts';
import type { Run } from '../run.ts';

export interface Picked {
  readonly directive: Directive;
  readonly seed: number;
  readonly temperature: number;
  /** Which of the brief's remarks it carries, null for none. */
  readonly nudge: number | null;
  readonly state: string;
  readonly stateWhy: string;
  readonly escalation: Escalation;
  readonly hints: string[];
  /** The journal as this session may see it. */
  readonly events: readonly RunEvent[];
}

/** Takes hints and an edited program, then decides by the journal what the cycle is for. `island`: the session's place among several, else null. */
export function pickDirective(run: Run, cycle: number, island: number | null): Picked {
  receiveHints(run, cycle);
  receiveProgram(run, cycle);
  const { config, seed: runSeed, task } = run;
  const plan = island === null ? null : islandPlan(island, config.islands.count, task.families, runSeed);
  const events =
    island === null ? run.journal.events : islandView(run.journal.events, island, config.islands.migrateEvery);
  // Streams per cycle, from the run's seed: replaying a cycle draws the same numbers whatever came between.
  const random = seededRandom(`${runSeed}/${cycle}`);
  const directive = decideDirective(
    events,
    { cycle, families: plan?.families ?? task.families, island: island ?? undefined },
    random,
  );
  const history = historyOf(events);
  const report = searchState(history);
  const escalation = escalationOf(history, report);
  const { kind } = directive;
  const { temperature } = kind === 'fix' || kind === 'patch' ? config.sampling.refine : config.sampling.new;
  const draw = drawSampling({ runSeed, cycle, kind, temperature, escalation, nudges: task.nudges, heat: plan?.heat });
  const hints = activeHints(events, cycle, { family: directive.family }).map(({ id }) => id);
  return { directive, ...draw, state: report.state, stateWhy: report.why, escalation, hints, events };
}

function receiveHints(run: Run, cycle: number): void {
  const taken = takeHints(join(run.projectDir, 'prompts', 'hints'), run.dir, cycle, {
    events: run.journal.events,
    onRefused: (file, why) => say(`hint ${file} was left in the inbox: ${why}`),
  });
  for (const hint of taken) {
    if (hint.event) {
      run.journal.append(hint.event);
      const withdrawn = hint.event.type === 'hint.dropped' ? hint.event.hint : null;
      say(withdrawn ? `hint ${withdrawn} is withdrawn` : `hint ${hint.id}: read from cycle ${cycle} on`);
    }
    hint.release();
  }
}

/** A block by which earlier versions were steered. */
const PHASES = /^```phases\s*$/m;

/** program.md may be edited at any time; what a cycle was told is in the journal with its diff. */
function receiveProgram(run: Run, cycle: number): void {
  const path = programFile(run.projectDir);
  const known = run.journal.events.some((event) => event.type === 'program.changed');
  if (known && !existsSync(path)) {
    say(`${path} is gone: cycle ${cycle} goes on with the text that was read last`);
    return;
  }
  const text = readFileSync(path, 'utf8');
  const change = programChange(run.journal.events, text, cycle, run.objects);
  if (change?.type === 'program.changed') {
    run.journal.append(change);
    if (PHASES.test(text))
      say('program.md has a block of phases, which steers nothing any more: write it as text, or drop hints');
    if (change.diff !== '') say(`program.md was edited, read from cycle ${cycle} on:\n${change.diff}`);
  }
}
