import { say } from '../base/draw/terminal.ts';
import { counted } from '../base/numbers.ts';
import { knowledgeLine } from '../gates/knowledge.ts';
import { executionBar } from '../journal/projections/text.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { factsOf } from '../page/facts.ts';
import type { Run } from './run.ts';

/** What the person at the terminal sees when a run starts. */
export function announceStart(run: Run): void {
  const { endpoint, agent } = run.config;
  say(`run ${run.tag} (seed ${run.seed}) in ${run.dir}`);
  const who =
    agent === 'builtin'
      ? `model ${endpoint.baseUrl}`
      : 'proposer' in agent
        ? `no model: proposer ${agent.proposer}`
        : `agent ${agent.command[0]}`;
  say(`${who}; results: git log ${run.worktree.branch}`);
  const bar = executionBar(run.task.coverage);
  if (bar !== '') say(bar);
  const { known } = factsOf(run.journal.events);
  if (known) say(knowledgeLine(known));
}

/** One line a cycle: outcome, route, the first reason, the candidate. */
export function announceCycle(run: Run, cycle: number): void {
  const { byCycle, n } = stateOf(run.journal.events);
  const state = byCycle.get(cycle);
  if (!state?.verdict) return;
  const { started, verdict } = state;
  const finished = state.trials.filter((trial) => trial.finished).length;
  const reason = verdict.reasons[0]?.message ?? '';
  const trials = `${counted(finished, 'trial')}, N ${n}`;
  say(
    `${String(cycle).padStart(4)} ${started.directive.padEnd(8)} ${verdict.outcome.toUpperCase().padEnd(7)} -> ${verdict.route.padEnd(5)} ${reason} · ${verdict.candidate ?? 'no candidate'} (${trials})`,
  );
}
