import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { print, printJson, say, table } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { amount, flag, text, value, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { readSpaces } from '../calibrate/search/spaces.ts';
import { type ArenaSpace, openArena, PLANTED } from './arena.ts';
import { playSearch } from './play.ts';
import { type AblationSummary, type Estimate, summariseAblation } from './summary.ts';
import { type AblationRow, rowOf, VARIANTS } from './variants.ts';

/** The planted edge that a family can play: those that earn when it alone is planted. Null for all others. */
function edgeOf(family: string): (typeof PLANTED)[number] | null {
  if (family === 'drift-post-jump') return 'post-jump';
  if (family === 'reversion-hourly' || family === 'reversion-vwap') return 'reversion';
  return /^(trend|momentum|breakout)-/.test(family) ? 'momentum' : null;
}

/** What `ablation` takes. Rows are appended to `out` as they are done and are not played again, so it can be stopped and started. */
export const ABLATION = {
  does: 'searches on simulated markets with three planted edges, each part of the search switched off in turn, baselines beside them',
  options: {
    out: text('file of the rows', 'FILE', { default: join(PROJECT_DIR, 'runs', 'ablation.jsonl') }),
    seeds: value('first and last seed', 'seeds such as 1-20', rangeOf, { default: [1, 20], form: '1-20' }),
    trials: whole('most trials of a search', { least: 1, default: 100 }),
    strength: amount('strength of the planted edges', { default: 1 }),
    tokens: whole('tokens that one session costs', { least: 1, default: 20_000 }),
    variants: text('which variants to play', 'NAME,NAME', { default: Object.keys(VARIANTS).join(',') }),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

function rangeOf(given: string): readonly [number, number] | undefined {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(given) ?? [];
  return first === undefined ? undefined : [Number(first), Number(last)];
}

export async function ablation(options: Values<typeof ABLATION.options>): Promise<ExitCode> {
  const { out, seeds, trials, strength, tokens, json } = options;
  const variants = options.variants.split(',');
  const [first, last] = seeds;
  const gates = readGatesConfig(join(PACKAGE_ROOT, 'config', 'gates.yaml'));
  const spaces = await loadSpaces();
  const rows = readRows(out);
  mkdirSync(dirname(out), { recursive: true });
  for (let seed = first; seed <= last; seed++) {
    const open = variants.filter((variant) => !rows.some((row) => row.seed === seed && row.variant === variant));
    if (open.length === 0) continue;
    const arena = openArena(seed, strength, gates, spaces);
    for (const variant of open) {
      const started = performance.now();
      const player = VARIANTS[variant](arena, seed);
      const { run, refused, kept } = await playSearch(
        arena,
        player,
        seed,
        trials,
        (kept) => foundBy(kept).length === PLANTED.length,
      );
      const seconds = (performance.now() - started) / 1000;
      const rest = { refused, seconds, found: foundBy(kept), asksModel: 'switches' in player };
      const row = rowOf(variant, seed, run.events, rest);
      rows.push(row);
      appendFileSync(out, `${JSON.stringify(row)}\n`);
      say(`seed ${seed} ${variant}: ${row.found.join(' ') || 'none'} in ${row.trials} trials, ${seconds.toFixed(1)} s`);
    }
  }
  const told = summariseAblation(rows, tokens);
  if (json) printJson(told);
  else print(tableOf(told));
  return EXIT.done;
}

function foundBy(families: readonly string[]): string[] {
  return [...new Set(families.map(edgeOf).filter((edge) => edge !== null))].sort();
}

/** The library's spaces, each with its strategy. */
async function loadSpaces(): Promise<ArenaSpace[]> {
  const spaces = await readSpaces(join(PACKAGE_ROOT, 'strategies', 'library'));
  return spaces
    .filter(({ values }) => Object.keys(values).length > 0)
    .map(({ name, definition, values }) => ({ strategy: name, family: definition.family, definition, values }));
}

function readRows(path: string): AblationRow[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AblationRow);
}

function tableOf(told: readonly AblationSummary[]): string {
  const limits = ({ value, low, high }: Estimate) => `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  const head = [
    'variant',
    'searches',
    'edges of 3',
    'edges in 100 trials',
    'for 1M tokens',
    'whole / this',
    'p',
    'Holm',
  ];
  const body = told.map(({ variant, searches, edges, rate, perMillion, against }) => [
    variant,
    searches,
    edges.toFixed(2),
    limits(rate),
    perMillion?.toFixed(2) ?? '-',
    ...(against ? [limits(against.ratio), against.p.toFixed(4), against.holm.toFixed(3)] : ['', '', '']),
  ]);
  return `${table(head, body)}\nlimits: 95%, bootstrap over seeds; p: names swapped within seeds, corrected by Holm`;
}
