import { table } from '../../base/draw/terminal.ts';
import { percent } from '../../base/numbers.ts';
import type { Stage } from '../../gates/verdict.ts';
import { CODE_STAGES, type CodeStages } from './code-stages.ts';
import type { Experiment } from './experiments.ts';
import { isCross } from './ground.ts';
import { upperBound, wilson } from './rates.ts';
import { THRIFTY } from './search/search.ts';
import type { SearchAnswer } from './worker.ts';

/** One experiment in figures. */
export interface Summary {
  readonly experiment: Experiment;
  readonly searches: number;
  /** Searches in which at least one candidate was kept. */
  readonly keeps: number;
  readonly trials: number;
  /** Trials that reached the held-back folds. */
  readonly looks: number;
  /** One-sided 95% bound of keeps / searches (Clopper & Pearson 1934). */
  readonly upper95: number;
  /** 95% interval of keeps / searches (Wilson). */
  readonly low: number;
  readonly high: number;
  readonly seconds: number;
}

/** Figures of each experiment that has at least one answer, in the given order. */
export function summarise(experiments: readonly Experiment[], answers: readonly SearchAnswer[]): Summary[] {
  return experiments.flatMap((experiment) => {
    const own = answers.filter((answer) => answer.experiment.name === experiment.name);
    return own.length === 0 ? [] : [summaryOf(experiment, own)];
  });
}

function summaryOf(experiment: Experiment, own: readonly SearchAnswer[]): Summary {
  const keeps = own.filter(({ finding }) => finding.keeps > 0).length;
  const trials = own.reduce((sum, { finding }) => sum + finding.trials, 0);
  const looks = own.reduce((sum, { finding }) => sum + finding.looks, 0);
  const seconds = own.reduce((sum, answer) => sum + answer.seconds, 0);
  return figures(experiment, { searches: own.length, keeps, trials, looks, seconds });
}

type Counts = Pick<Summary, 'searches' | 'keeps' | 'trials' | 'looks' | 'seconds'>;

function figures(experiment: Experiment, counts: Counts): Summary {
  const [low, high] = wilson(counts.keeps, counts.searches);
  return { experiment, ...counts, upper95: upperBound(counts.keeps, counts.searches), low, high };
}

/** The cheats of Ralph's own families together, and the planted edges of each size together. */
export function pooled(summaries: readonly Summary[]): Summary[] {
  const groups: [string, (experiment: Experiment) => boolean][] = [
    ['adversary', ({ family }) => family !== undefined],
    ...[2, 2.5].map((size): [string, (experiment: Experiment) => boolean] => [
      `planted-${size}`,
      (each) => each.sharpe === size && each.market !== 'daily' && each.markets === undefined && !isCross(each),
    ]),
  ];
  return groups.flatMap(([name, belongs]) => {
    const own = summaries.filter(({ experiment }) => belongs(experiment));
    if (own.length === 0) return [];
    const sum = (key: keyof Counts) => own.reduce((total, each) => total + each[key], 0);
    const counts = {
      searches: sum('searches'),
      keeps: sum('keeps'),
      trials: sum('trials'),
      looks: sum('looks'),
      seconds: sum('seconds'),
    };
    return [figures({ ...own[0].experiment, name, question: `${own.length} experiments together` }, counts)];
  });
}

/**
 * The printed report: rates with their intervals and a bar, what each stage removes and costs, whether a market gives money away, the
 * trade-off curve.
 */
export function reportOf(
  summaries: readonly Summary[],
  answers: readonly SearchAnswer[],
  code: CodeStages | null,
): string {
  const tables = [
    ratesTable([...pooled(summaries), ...summaries]),
    defencesTable(answers),
    togetherTable(summaries),
    code && codeTable(code),
    stageTable(answers),
  ];
  return [...tables, luckTable(summaries, answers), curveTable(summaries, answers)].filter(Boolean).join('\n\n');
}

function ratesTable(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ experiment, searches, keeps, trials, low, high, seconds }) => [
    experiment.name,
    experiment.question,
    searches,
    trials,
    keeps,
    percent(keeps / searches),
    `${percent(low)}-${percent(high)}`,
    '#'.repeat(Math.round((keeps / searches) * 20)).padEnd(20, '.'),
    (seconds / searches).toFixed(1),
  ]);
  return table(
    ['experiment', 'market and search', 'searches', 'trials', 'keeps', 'rate', '95%', '0 to 100%', 's/search'],
    rows,
  );
}

/** Share of a cheat's searches that keep something: with all defences, without each, with each alone, and without any. */
function defencesTable(answers: readonly SearchAnswer[]): string | null {
  const judged = answers.filter(({ kept }) => kept !== undefined);
  if (judged.length === 0) return null;
  const names = [...new Set(judged.map(({ experiment }) => experiment.name))];
  const settings = Object.keys(judged[0].kept ?? {});
  const row = (name: string, own: readonly SearchAnswer[]) => [
    name,
    own.length,
    ...settings.map((setting) => {
      const keeps = own.filter(({ kept }) => kept?.[setting]).length;
      return `${percent(keeps / own.length, 0)} (<${percent(upperBound(keeps, own.length), 0)})`;
    }),
  ];
  const rows = names.map((name) =>
    row(
      name,
      judged.filter(({ experiment }) => experiment.name === name),
    ),
  );
  return table(['keeps (95% bound)', 'searches', ...settings], [...rows, row('together', judged)]);
}

/** Of the trials that enter a stage (in calibration's order), how many end there; and what the stage costs. */
function stageTable(answers: readonly SearchAnswer[]): string {
  const groups: [string, readonly SearchAnswer[]][] = [
    [
      'without edge',
      answers.filter(({ experiment }) => experiment.sharpe === undefined && experiment.market !== 'real'),
    ],
    ['with edge', answers.filter(({ experiment }) => experiment.sharpe !== undefined)],
  ];
  const rows = THRIFTY.map((stage) => [
    stage,
    ...groups.flatMap(([, group]) => {
      const { entered, ended, ms } = throughStage(stage, group);
      return entered === 0 ? ['-', '-', '-'] : [entered, percent(ended / entered), (ms / entered).toFixed(2)];
    }),
  ]);
  const head = groups.flatMap(([name]) => [`${name}: trials`, 'ended here', 'ms each']);
  return table(['stage', ...head], rows);
}

/** Searches without an edge, and those with a planted one of each size, whatever the market. */
function togetherTable(summaries: readonly Summary[]): string | null {
  const onBars = summaries.filter(
    ({ experiment }) => experiment.market !== 'daily' && experiment.market !== 'real' && !isCross(experiment),
  );
  const sharpes = [...new Set(onBars.map(({ experiment }) => experiment.sharpe))].toSorted(
    (a, b) => (a ?? 0) - (b ?? 0),
  );
  if (sharpes.length === 0) return null;
  const rows = sharpes.map((sharpe) => {
    const own = onBars.filter(({ experiment }) => experiment.sharpe === sharpe);
    const [keeps, searches] = [sumOf(own, 'keeps'), sumOf(own, 'searches')];
    const [low, high] = wilson(keeps, searches);
    const name = sharpe === undefined ? 'without an edge' : `planted, net Sharpe ${sharpe}`;
    return [name, searches, keeps, percent(keeps / searches), `${percent(low)}-${percent(high)}`];
  });
  return table(['on bars, together', 'searches', 'keeps', 'rate', '95%'], rows);
}

function sumOf(summaries: readonly Summary[], name: 'keeps' | 'searches'): number {
  return summaries.reduce((sum, each) => sum + each[name], 0);
}

/** The stages that are about code, in evaluation processes: false alarms on the library, catches among the canaries, cost. */
function codeTable({ library, canaries }: CodeStages): string {
  const rows = CODE_STAGES.map((stage) => [
    stage,
    library.candidates,
    library.ended[stage] ?? 0,
    `${canaries.ended[stage] ?? 0} of ${canaries.candidates}`,
    ((library.ms[stage] ?? 0) / library.candidates).toFixed(0),
  ]);
  return table(['stage', 'library', 'ended here', 'canaries ended here', 'ms each'], rows);
}

/** Active Sharpe ratios of all trials in standard errors: without skill at most 5%, 1% and 0.1% may exceed the last three heads. */
function luckTable(summaries: readonly Summary[], answers: readonly SearchAnswer[]): string {
  const rows = summaries.map(({ experiment }) => {
    const own = answers.filter((answer) => answer.experiment.name === experiment.name);
    const values = own.flatMap(({ finding }) => finding.statistics);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const beyond = TAILS.map((z) => percent(values.filter((value) => value > z).length / values.length, 2));
    return [experiment.name, values.length, mean.toFixed(2), Math.sqrt(square).toFixed(2), ...beyond];
  });
  return table(['active sharpe / error', 'trials', 'mean', 'deviation', ...TAILS.map((z) => `> ${z}`)], rows);
}

/** Standard normal quantiles at 95%, 99% and 99.9%. */
const TAILS = [1.645, 2.326, 3.09];

function throughStage(stage: Stage, answers: readonly SearchAnswer[]) {
  const later = THRIFTY.slice(THRIFTY.indexOf(stage));
  let [entered, ended, ms] = [0, 0, 0];
  for (const { finding } of answers) {
    entered += finding.keeps + later.reduce((sum, each) => sum + (finding.ended[each] ?? 0), 0);
    ended += finding.ended[stage] ?? 0;
    ms += finding.stageMs[stage] ?? 0;
  }
  return { entered, ended, ms };
}

/** Rate of searches with a keep at other levels of luck: what a stricter or looser gate would give and take. */
function curveTable(summaries: readonly Summary[], answers: readonly SearchAnswer[]): string {
  const levels = Object.keys(answers[0]?.curve ?? {}).toSorted((a, b) => Number(a) - Number(b));
  const rows = summaries.map(({ experiment }) => {
    const own = answers.filter((answer) => answer.experiment.name === experiment.name);
    return [
      experiment.name,
      ...levels.map((level) => percent(own.filter(({ curve }) => curve[level]).length / own.length)),
    ];
  });
  return table(['deflation.luck', ...levels], rows);
}
