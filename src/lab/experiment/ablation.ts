import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';
import { print, printJson, say, table } from '../../base/terminal.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { readSpaces } from '../../search/proposers/space.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import { amount, flag, text, value, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { type ArenaSpace, openArena, PLANTED } from './arena.ts';
import { playSearch } from './play.ts';
import { type Mean, summariseAblation } from './summary.ts';
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
    trials: whole('trials of a search', { least: 1, default: 150 }),
    strength: amount('strength of the planted edges', { default: 1 }),
    without: text('strategies to leave out', 'NAME,NAME'),
    variants: text('which variants to play', 'NAME,NAME', { default: Object.keys(VARIANTS).join(',') }),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

function rangeOf(given: string): readonly [number, number] | undefined {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(given) ?? [];
  return first === undefined ? undefined : [Number(first), Number(last)];
}

export async function ablation(options: Values<typeof ABLATION.options>): Promise<ExitCode> {
  const { out, seeds, trials, strength, without = '', json } = options;
  const variants = options.variants.split(',');
  const [first, last] = seeds;
  const gates = readGatesConfig(join(PACKAGE_ROOT, 'config', 'gates.yaml'));
  const spaces = (await loadSpaces()).filter(({ strategy }) => !without.split(',').includes(strategy));
  const rows = readRows(out);
  mkdirSync(dirname(out), { recursive: true });
  for (let seed = first; seed <= last; seed++) {
    const open = variants.filter((variant) => !rows.some((row) => row.seed === seed && row.variant === variant));
    if (open.length === 0) continue;
    const arena = openArena(seed, strength, gates, spaces);
    for (const variant of open) {
      const started = performance.now();
      const { run: played, refused } = await playSearch(arena, VARIANTS[variant](arena, seed), seed, trials);
      const seconds = (performance.now() - started) / 1000;
      const row = rowOf(variant, seed, played.events, edgeOf, { refused, seconds });
      rows.push(row);
      appendFileSync(out, `${JSON.stringify(row)}\n`);
      say(
        `seed ${seed} ${variant}: ${row.keeps} keeps, found ${row.found.join(' ') || 'none'}, ${seconds.toFixed(0)} s`,
      );
    }
  }
  if (json) printJson(rows);
  else print(summary(rows));
  return EXIT.done;
}

async function loadSpaces(): Promise<ArenaSpace[]> {
  const library = join(PACKAGE_ROOT, 'strategies', 'library');
  const spaces = readSpaces(join(library, 'spaces.yaml')).filter(({ values }) => Object.keys(values).length > 0);
  return Promise.all(
    spaces.map(async (space) => {
      const module = (await import(join(library, `${space.strategy}.ts`))) as { default: StrategyDefinition };
      return { ...space, definition: module.default };
    }),
  );
}

function readRows(path: string): AblationRow[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AblationRow);
}

function summary(rows: readonly AblationRow[]): string {
  const head = [
    'variant',
    'runs',
    'edges found of 3',
    'by edge',
    'all three',
    'keeps',
    'first keep (median)',
    'refused',
    'required Sharpe',
    'full - this: edges',
    'keeps',
  ];
  const body = summariseAblation(rows).map((one) => [
    one.variant,
    one.runs,
    withError(one.edges, 2),
    Object.values(one.byEdge).join(', '),
    one.all,
    withError(one.keeps, 1),
    one.firstKeep ?? '-',
    one.refused.toFixed(0),
    one.requiredSharpe?.toFixed(2) ?? '-',
    one.lost ? withError(one.lost.edges, 2) : '',
    one.lost ? withError(one.lost.keeps, 1) : '',
  ]);
  return `${table(head, body)}\nby edge: runs that found ${PLANTED.join(', ')}; ± one standard error; the differences are paired by seed`;
}

function withError({ mean, error }: Mean, digits: number): string {
  return `${mean.toFixed(digits)}${error === null ? '' : ` ± ${error.toFixed(digits)}`}`;
}
