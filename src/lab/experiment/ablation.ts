import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';
import { print, printJson, say, table } from '../../base/terminal.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { readSpaces } from '../../search/proposers/read-spaces.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
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

/**
 * `npx node scripts/ablation.ts --out FILE [--seeds 1-20] [--trials 150] [--strength 1] [--variants a,b]`: seeded searches on simulated
 * markets with three planted edges, each part of the search switched off in turn, baselines beside them. Rows are appended
 * to the file as they are done; what is there is not played again, so it can be stopped and started.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: join(PROJECT_DIR, 'runs', 'ablation.jsonl') },
      seeds: { type: 'string', default: '1-20' },
      trials: { type: 'string', default: '150' },
      strength: { type: 'string', default: '1' },
      without: { type: 'string', default: '' },
      variants: { type: 'string', default: Object.keys(VARIANTS).join(',') },
      json: { type: 'boolean', default: false },
    },
  });
  const [first, last = first] = values.seeds.split('-').map(Number);
  const gates = readGatesConfig(join(PACKAGE_ROOT, 'config', 'gates.yaml'));
  const spaces = (await loadSpaces()).filter(({ strategy }) => !values.without.split(',').includes(strategy));
  const rows = readRows(values.out);
  mkdirSync(dirname(values.out), { recursive: true });
  for (let seed = first; seed <= last; seed++) {
    const variants = values.variants.split(',');
    const open = variants.filter((variant) => !rows.some((row) => row.seed === seed && row.variant === variant));
    if (open.length === 0) continue;
    const arena = openArena(seed, Number(values.strength), gates, spaces);
    for (const variant of open) {
      const started = performance.now();
      const { run: played, refused } = await playSearch(
        arena,
        VARIANTS[variant](arena, seed),
        seed,
        Number(values.trials),
      );
      const seconds = (performance.now() - started) / 1000;
      const row = rowOf(variant, seed, played.events, edgeOf, { refused, seconds });
      rows.push(row);
      appendFileSync(values.out, `${JSON.stringify(row)}\n`);
      say(
        `seed ${seed} ${variant}: ${row.keeps} keeps, found ${row.found.join(' ') || 'none'}, ${seconds.toFixed(0)} s`,
      );
    }
  }
  if (values.json) printJson(rows);
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
