import { seededRandom } from '../base/random.ts';
import type { RunEvent } from '../journal/events.ts';
import { decideDirective } from './decide.ts';
import { escalationOf } from './escalate.ts';
import { eventsBefore, historyOf } from './history.ts';
import { islandPlan, islandView } from './islands.ts';
import { drawSampling } from './perturb.ts';
import { searchState } from './state.ts';

export interface ReplayOptions {
  readonly families: readonly string[];
  /** Text of program.md by the hash that `program.changed` names. */
  readonly programOf: (sha256: string) => string;
  /** Configured temperatures of free cycles, and of fix and patch. */
  readonly temperature: { readonly new: number; readonly refine: number };
  readonly nudges: number;
  readonly islands: { readonly count: number; readonly migrateEvery: number };
}

/** One decision that came out otherwise than the journal says. */
export interface Mismatch {
  readonly cycle: number;
  readonly what: string;
  readonly journal: unknown;
  readonly replay: unknown;
}

/**
 * Decides every cycle of a journal again from the events before it and compares: the proof that directive, state and draws
 * depend on nothing but the journal and the run's seed. Empty when all agree.
 */
export function replayDecisions(events: readonly RunEvent[], options: ReplayOptions): Mismatch[] {
  const first = events.find((event) => event.type === 'run.started');
  const mismatches: Mismatch[] = [];
  for (const started of events) {
    if (started.type !== 'cycle.started' || first === undefined) continue;
    const { cycle, island } = started;
    const all = eventsBefore(events, cycle);
    const seen = island === undefined ? all : islandView(all, island, options.islands.migrateEvery);
    const plan = island === undefined ? null : islandPlan(island, options.islands.count, options.families, first.seed);
    const program = all.findLast((event) => event.type === 'program.changed');
    const directive = decideDirective(
      seen,
      {
        cycle,
        families: plan?.families ?? options.families,
        program: program ? options.programOf(program.sha256) : '',
        island,
      },
      seededRandom(`${first.seed}/${cycle}`),
    );
    const history = historyOf(seen);
    const report = searchState(history);
    const refine = directive.kind === 'fix' || directive.kind === 'patch';
    const draw = drawSampling({
      runSeed: first.seed,
      cycle,
      kind: directive.kind,
      temperature: refine ? options.temperature.refine : options.temperature.new,
      escalation: escalationOf(history, report),
      nudges: options.nudges,
      heat: plan?.heat,
    });
    const again = {
      directive: directive.kind,
      why: directive.why,
      base: directive.base,
      family: directive.family,
      gate: directive.gate,
      state: report.state,
      seed: draw.seed,
      nudge: draw.nudge ?? undefined,
    };
    for (const [what, replay] of Object.entries(again)) {
      const journal = started[what as keyof typeof started];
      if (journal !== replay) mismatches.push({ cycle, what, journal, replay });
    }
  }
  return mismatches;
}
