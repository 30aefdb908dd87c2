import { chart, escapeXml, type Line, legend } from '../base/draw/svg.ts';
import { type ReportTable, tableOrLines } from '../base/draw/terminal.ts';
import { folded } from '../base/draw/width.ts';
import { counted, duration, number } from '../base/numbers.ts';
import { knowledgeLine } from '../gates/knowledge.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { bestText } from '../journal/projections/status.ts';
import { levelsOf } from '../metrics/returns.ts';
import { type Curve, equityFigure, monthlyTable } from './equity.ts';
import type { RunFacts } from './facts.ts';
import { htmlTable, page } from './html.ts';
import { tablesOf } from './tables.ts';
import { partsTable, picturesOf, type TunedTrial, tunedTable } from './tuned.ts';

export interface ReportOptions {
  /** Train Sharpe that a new trial needs now, or null where the config cannot be read. */
  readonly requiredSharpe: number | null;
  /** What is to be said of a kept trial at today's number of trials. */
  readonly review?: (row: ResultRow) => string;
  /** Daily train returns of a trial. */
  readonly returnsOf: (trial: string) => Float64Array;
  /** What trials were tuned to, those first that are to be drawn. */
  readonly tuned?: readonly TunedTrial[];
  /** Tables behind those of the run's rows. */
  readonly more?: readonly ReportTable[];
}

const MOST_CURVES = 4;
const MOST_DRAWN = 3;

/** The morning report as Markdown. Curves are drawn as bars of text. */
export function reportMarkdown(facts: RunFacts, options: ReportOptions): string {
  const tables = allTables(facts, options).map(markdownTable);
  const curves = curvesOf(facts, options).map(
    ({ name, returns }) => `- ${name}: ${sparkline(levelsOf(returns).equity)}`,
  );
  const highest = sparkline(facts.progress.map((each) => each.highest));
  return [
    `# Report on ${facts.status.tag}`,
    summary(facts),
    ...tables,
    '## Curves',
    [`- ${scoreName(facts)}, the highest by trial: ${highest || 'nothing yet'}`, ...curves].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The same for a terminal, folded to its width. */
export function reportText(facts: RunFacts, options: ReportOptions): string {
  const parts = allTables(facts, options).map(({ title, note, head, rows }) => [
    title.toUpperCase(),
    ...(note ? folded(note, 0) : []),
    rows.length === 0 ? 'none yet' : tableOrLines(head, rows),
  ]);
  return [[`REPORT ON ${facts.status.tag}`, ...folded(summary(facts), 0)], ...parts]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** The same as a page of its own, with drawn curves. */
export function reportHtml(facts: RunFacts, options: ReportOptions): string {
  const curves = curvesOf(facts, options);
  const [survived, ...tables] = allTables(facts, options);
  const from = facts.coverage.find(({ window }) => window === 'train')?.from ?? null;
  const byDay = curves.map(({ name, returns }) => ({ name, values: levelsOf(returns).equity }));
  // Without dates in the journal (another task than trading) days are only plain.
  const drawn =
    from === null
      ? [lineChart('Equity', byDay, 'days')]
      : [equityFigure(curves, from), ...curves.slice(0, 1).map((curve) => htmlSection(monthlyTable(curve, from)))];
  return page(`Report on ${facts.status.tag}`, [
    `<h1>Report on ${escapeXml(facts.status.tag)}</h1>`,
    `<p>${escapeXml(summary(facts))}</p>`,
    htmlSection(survived),
    ...(curves.length > 0 ? drawn : []),
    progressChart(facts),
    ...tables.map(htmlSection),
    ...(options.tuned ?? []).slice(0, MOST_DRAWN).flatMap(tunedSection),
  ]);
}

function allTables(facts: RunFacts, { requiredSharpe, review, tuned = [], more = [] }: ReportOptions): ReportTable[] {
  const told = tuned.length > 0 ? [tunedTable(tuned)] : [];
  return [...tablesOf(facts, requiredSharpe, review), ...told, ...more];
}

function tunedSection({ trial, tuned }: TunedTrial): string[] {
  const drawn = picturesOf(tuned).map(
    ({ title, svg }) =>
      `<figure class="picture"><figcaption>${escapeXml(title)}</figcaption><div role="img" aria-label="${escapeXml(title)}">${svg}</div></figure>`,
  );
  return [htmlSection(partsTable(trial, tuned)), ...drawn];
}

/** Score of every trial and the highest so far. */
function progressChart(facts: RunFacts): string {
  const { progress } = facts;
  const series: Series[] = [
    { name: 'score', values: progress.map(({ score }) => score), dots: true },
    { name: 'highest so far', values: progress.map((each) => each.highest) },
  ];
  const name = scoreName(facts);
  return lineChart(`${name[0].toUpperCase()}${name.slice(1)} by trial`, series, 'trials');
}

/** What ranks the trials of a run. */
function scoreName({ measured }: RunFacts): string {
  if (!measured) return 'score';
  return measured.judged ? measured.metric : `gain of ${measured.metric} on the baseline (share)`;
}

function htmlSection({ title, note, head, rows }: ReportTable): string {
  return `<h2>${escapeXml(title)}</h2>${note ? `<p>${escapeXml(note.replaceAll('`', ''))}</p>` : ''}\n${htmlTable(head, rows)}`;
}

function summary({ status, cost, known, forgotten, trainOnly }: RunFacts): string {
  const { keep, discard, crash } = status.outcomes;
  const faults = Object.values(status.faults).reduce((sum, count) => sum + count, 0);
  const counts = [
    `${counted(status.cycles, 'cycle')} and ${counted(status.trials, 'trial')} in ${duration(status.lastAt - status.startedAt)}: ${keep} keep, ${discard} discard, ${crash} crash.`,
    ...(status.measured ? [status.measured.baseline] : []),
    `Best: ${bestText(status)}.`,
    `Cost: ${duration(1000 * status.evaluationSeconds)} of evaluation, ${costText(cost)}.`,
    `${counted(faults, 'fault')}, ${counted(status.selectionLooks, 'look')} at selection, ${status.holdoutLooks} at the holdout.`,
  ];
  const told = [
    ...counts,
    ...(known ? [knowledgeLine(known)] : []),
    ...forgotten.map((why) => `Earlier spending on these data was forgotten: ${why}.`),
    ...(trainOnly > 0
      ? [`${counted(trainOnly, 'trial')} train only: nothing could be kept on these data any more.`]
      : []),
  ];
  return told.join(' ');
}

function costText({ prompt, completion, money }: RunFacts['cost']): string {
  const million = (tokens: number) => (tokens >= 1e6 ? `${(tokens / 1e6).toFixed(1)} million` : String(tokens));
  const price = money === null ? '' : `, ${money.toFixed(2)} at the price in ralph.yaml`;
  return `${million(prompt)} tokens read and ${million(completion)} written${price}`;
}

function curvesOf(facts: RunFacts, { returnsOf }: ReportOptions): Curve[] {
  const byScore = facts.rows
    .filter(({ outcome, trial }) => outcome === 'discard' && trial !== null)
    .toSorted((a, b) => (b.metrics.sharpe ?? b.metrics.value ?? -99) - (a.metrics.sharpe ?? a.metrics.value ?? -99));
  const chosen = [...facts.keeps, ...byScore].slice(0, MOST_CURVES);
  return chosen.flatMap(({ trial, family }) => {
    const returns = returnsOf(trial ?? '');
    if (returns.length === 0) return [];
    return [{ name: `${trial} ${family}`, returns }];
  });
}

function markdownTable({ title, note, head, rows }: ReportTable): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const body =
    rows.length === 0 ? 'None yet.' : [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return [`## ${title}`, ...(note ? [note] : []), body].join('\n\n');
}

const BARS = '▁▂▃▄▅▆▇█';
const MOST_BARS = 60;

/** A curve in one line of text. */
function sparkline(values: readonly (number | null)[]): string {
  const step = Math.max(1, values.length / MOST_BARS);
  const picked = Array.from(
    { length: Math.min(values.length, MOST_BARS) },
    (_, i) => values[Math.floor((i + 1) * step) - 1] ?? null,
  );
  const known = picked.filter((value) => value !== null);
  if (known.length === 0) return '';
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const bars = picked.map((value) =>
    value === null ? ' ' : BARS[Math.round(((value - low) / (high - low || 1)) * (BARS.length - 1))],
  );
  return `${bars.join('')} ${number(low)} to ${number(high)}`;
}

/** Values that are drawn against their place. */
interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Points instead of a line. */
  readonly dots?: boolean;
}

const BOX = { left: 52, top: 10, width: 580, height: 168 };

/** A small line chart for a page: inline SVG without script, font or request. */
export function lineChart(title: string, series: readonly Series[], xName: string): string {
  const lines: Line[] = series.map(({ values, ...rest }) => ({
    ...rest,
    points: values.map((value, i) => [i + 1, value] as const),
  }));
  const drawn = chart(lines, BOX, xName);
  if (drawn === null) return `<p class="none">${escapeXml(title)}: nothing to draw yet.</p>`;
  return [
    `<figure><figcaption>${escapeXml(title)}</figcaption>`,
    `<svg viewBox="0 0 640 200" role="img" aria-label="${escapeXml(title)}">`,
    drawn,
    legend(lines, BOX.left, 194),
    '</svg></figure>',
  ].join('\n');
}
