import { digits } from '../../journal/projections/measured.ts';
import { clipToTokens, estimateTokens } from '../../search/digest/tokens.ts';
import { activeHints } from '../../search/hints/hints.ts';
import { historyOf } from '../../search/memory/history.ts';
import type { Cycle } from '../task.ts';
import type { Contract } from './contract/contract.ts';
import { draftOf, textOf } from './draft.ts';
import { baselineOf } from './ratchet/best.ts';
import type { Bench } from './run/bench.ts';

const MOST_TRIALS = 12;
const MOST_LESSONS = 8;

/** The stable text: goal, contract, order of work. */
export function systemText(template: string, contract: Contract): string {
  const { primary, metrics, guard, goal, editable } = contract;
  const others = Object.keys(metrics).filter((name) => name !== primary);
  const { returns } = contract;
  const what = returns ? ` (annual Sharpe ratio of what holding the market does not explain)` : '';
  const metric = `${primary}${what}, ${metrics[primary].better} is better${others.length > 0 ? ` (also measured: ${others.join(', ')})` : ''}`;
  const values = {
    goal,
    editable: editable.join(', '),
    metric,
    rule: returns
      ? `The program plays the days from $RALPH_FROM to before $RALPH_TO. Its returns are judged as a strategy's: better than the best so far over ${returns.train.from} to ${returns.train.to}, beyond what luck shows among all trials, in most parts of the time, and on later days that nobody here sees. Later prices are replaced to check that no decision uses them.`
      : 'A change is kept when it beats the best so far by more than the noise, or is as good with fewer lines.',
    guard: guard === '' ? 'a wrong result is a crash' : `\`${guard}\` must pass`,
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (all, name: string) => values[name as keyof typeof values] ?? all);
}

/** The volatile text: what this cycle is for, where the search stands, what was tried, and the files as far as there is room. */
export function taskText(cycle: Cycle, contract: Contract, bench: Bench, tokens: number): string {
  const head = headOf(cycle, contract, tokens);
  const draft = draftOf(cycle);
  let left = tokens - estimateTokens(head.join('\n'));
  const files: string[] = [];
  for (const path of [...new Set([...bench.editable, ...Object.keys(draft)])]) {
    const text = textOf(bench, draft, path) ?? '';
    left -= estimateTokens(text) + 12;
    if (left < 0) break;
    files.push(`--- ${path}\n${text}`);
  }
  return [...head, ...files].join('\n');
}

/** The same without the files, in lines. */
export function headOf(cycle: Cycle, contract: Contract, tokens: number): string[] {
  const { events, program } = cycle;
  const baseline = baselineOf(events);
  const history = historyOf(events);
  const finished = history.trials.filter(({ finished }) => finished !== null);
  const kept = finished.filter(({ outcome }) => outcome === 'keep');
  const fixes = cycle.directive.kind === 'fix' ? ' Your draft is the candidate that crashed: fix it.' : '';
  return [
    `Cycle ${cycle.id}: ${cycle.directive.why}.${fixes} ${cycle.trialsLeft()} trials.`,
    ...(baseline ? [`Baseline: ${baseline.metric} ${digits(baseline.values[baseline.metric])}.`] : []),
    ...kept
      .slice(-1)
      .map(
        ({ trial, metrics }) =>
          `Best so far: ${trial}, ${contract.primary} ${digits(metrics.value ?? 0)}, ${kept.length} kept.`,
      ),
    clipToTokens(program.trim(), tokens * 0.2, '(cut: program.md is too long)'),
    ...activeHints(events, cycle.id).map(({ id, text }) => `Hint [${id}]: ${text}`),
    ...finished.slice(-MOST_TRIALS).map((trial) => {
      const { gates = [] } = trial.finished ?? {};
      const told = gates.find(({ passed }) => !passed) ?? gates.at(-1);
      return `${trial.trial} ${trial.outcome} ${trial.candidate}: ${clipToTokens(told?.message ?? '', 80, '…')}`;
    }),
    ...history.lessons.slice(-MOST_LESSONS).map(({ text }) => `Lesson: ${text}`),
  ];
}
