import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT, PROJECT_DIR, projectFile } from '../../base/roots.ts';
import { MARKETS } from '../../market/download/download.ts';
import { FORMAT_NAMES, parseColumnMap } from '../../market/ingest/format.ts';
import { EDGE_KINDS } from '../../market/simulate/spec.ts';
import { PROPOSERS } from '../../task/task.ts';
import { amount, choice, day, flag, fraction, type Option, several, text, value, whole } from './options.ts';

/** What stands on the command line beside the options: how the usage shows it, and how many words there may be. */
export interface Words {
  readonly form: string;
  readonly least: number;
  readonly most: number;
}

export interface Verb {
  readonly does: string;
  readonly words?: Words;
  readonly options: Readonly<Record<string, Option<unknown>>>;
}

/** What a handler gets for the options of a verb. */
export type Values<O extends Verb['options']> = { readonly [K in keyof O]: O[K] extends Option<infer V> ? V : never };

const one = (form: string): Words => ({ form, least: 1, most: 1 });
const atMostOne = (form: string): Words => ({ form: `[${form}]`, least: 0, most: 1 });
const any = (form: string, least = 0): Words => ({ form, least, most: Number.POSITIVE_INFINITY });

const json = flag('one JSON value on stdout');
const tag = text('the run; without it the one written last', 'TAG');
const runs = text('the folder of the runs', 'DIR', { default: join(PROJECT_DIR, 'runs') });
const runConfig = text('config files that take precedence over those the run started with', 'DIR');
const seed = (otherwise: number) => whole('the same seed gives the same search', { default: otherwise });
const faults = (otherwise: number) => fraction('share of the answers that the server spoils', { default: otherwise });
const proposer = choice('who proposes candidates', ['model', ...PROPOSERS], { default: 'model', form: 'NAME' });
const format = choice('layout of the file; without it told from the file', FORMAT_NAMES);

/** What every verb of `data` takes. */
const data = {
  config: text('the file with symbols, costs and the data folder', 'FILE', {
    default: projectFile(PROJECT_DIR, 'config/market.yaml'),
  }),
  dataDir: text('folder of the embedded database, in place of the one in the config', 'DIR'),
  json,
};
const edge = value(
  'a pattern to plant, and its annual Sharpe ratio before costs (2)',
  `one of ${EDGE_KINDS.join(', ')}, with :SHARPE from -50 to 50 where wanted`,
  (given) => {
    const [name, sharpe, ...more] = given.split(':');
    const kind = EDGE_KINDS.find((known) => known === name);
    if (kind === undefined || more.length > 0 || sharpe === '') return undefined;
    const annualSharpe = sharpe === undefined ? undefined : Number(sharpe);
    return annualSharpe === undefined || Math.abs(annualSharpe) <= 50 ? { kind, annualSharpe } : undefined;
  },
  { form: `${EDGE_KINDS.join('|')}[:SHARPE]` },
);
const month = (about: string) =>
  value(about, 'a month such as 2021-01', (given) => (/^20\d\d-(0[1-9]|1[0-2])$/.test(given) ? given : undefined), {
    form: 'MONTH',
  });
const window = value(
  'bars of the database to play',
  'train or selection; the holdout is not opened by a backtest, only by promote',
  (given) => (['train', 'selection'] as const).find((name) => name === given),
  { default: 'train', form: 'train|selection' },
);
const trackStatus = { does: 'what waits for Weights & Biases', options: { tag, runs, json } } as const satisfies Verb;

/** Every command of `npm run ralph -- VERB`: usage lines, parsing, defaults and `help` come from here. */
export const VERBS = {
  help: {
    does: 'this list, or how to write one verb',
    words: { form: '[VERB]', least: 0, most: 2 },
    options: {},
  },
  version: { does: 'the version of this package', options: {} },
  run: {
    does: 'search: fresh agent sessions until a budget, a STOP file or Ctrl-C',
    options: {
      tag: text('the run; one that exists goes on where it was', 'TAG', { default: 'main' }),
      cycles: whole('cycles to run now'),
      seed: whole('seed of a new run (1)'),
      config: text('config files that take precedence over config/', 'DIR'),
      dryRun: flag('only print what recovery would do'),
      proposer,
      from: text('another run whose lessons a new run starts with', 'TAG'),
      accept: text('go on with a journal that lost its end, and why; what was spent there still counts', 'WHY'),
    },
  },
  demo: {
    does: 'the whole loop offline: simulated market, scripted model',
    options: {
      tag: text('the run', 'TAG', { default: 'demo' }),
      cycles: whole('cycles to run', { default: 10 }),
      seed: seed(12),
      faults: faults(0.1),
      proposer,
      json,
    },
  },
  model: {
    does: 'serve the demo’s scripted model, to try a run on your bars without a GPU',
    options: {
      port: whole('0 takes any that is free', { most: 65_535, default: 8000 }),
      seed: seed(1),
      faults: faults(0),
    },
  },
  status: { does: 'where a run stands', options: { tag, config: runConfig, runs, json } },
  results: {
    does: 'every trial and what became of it',
    options: { tag, last: whole('only the last N trials', { least: 1 }), runs, json },
  },
  tail: {
    does: 'follow a run, one line a trial',
    options: {
      tag,
      lines: whole('lines of the past to begin with', { default: 10, short: 'n' }),
      noFollow: flag('do not wait for more'),
      runs,
      json,
    },
  },
  report: { does: 'what was tried, what survived', options: { tag, config: runConfig, runs, json } },
  digest: {
    does: 'what the session of a cycle was told about the run',
    options: {
      tag,
      cycle: whole('the cycle; without it the next one', { least: 1 }),
      rebuild: flag('build it again from the journal'),
      tokens: whole('size of a digest that is built', { least: 1 }),
      runs,
      json,
    },
  },
  hint: {
    does: 'say something to the next session; or list | drop | effects',
    words: any('"TEXT"', 1),
    options: {
      priority: whole('0 to 9', { most: 9, default: 5 }),
      scope: text('run, family:NAME, cycles:N', 'SCOPE', { default: 'run' }),
      expires: text('when it stops counting, such as 2026-07-01', 'TIME'),
      inbox: text('the folder of hint files', 'DIR', { default: join(PROJECT_DIR, 'prompts/hints') }),
      json,
    },
  },
  'hint list': {
    does: 'hints that wait and hints that count',
    options: {
      inbox: text('the folder of hint files', 'DIR', { default: join(PROJECT_DIR, 'prompts/hints') }),
      tag,
      runs,
      json,
    },
  },
  'hint drop': {
    does: 'withdraw a hint',
    words: any('ID [REASON]', 1),
    options: {
      inbox: text('the folder of hint files', 'DIR', { default: join(PROJECT_DIR, 'prompts/hints') }),
      json,
    },
  },
  'hint effects': { does: 'trials and keeps under each hint, against the rest', options: { tag, runs, json } },
  pause: { does: 'hold a run at the next step', options: { tag } },
  resume: { does: 'let a paused run go on', options: { tag } },
  step: { does: 'let a paused run do one cycle', options: { tag } },
  stop: { does: 'end a run at the next step', options: { tag } },
  doctor: {
    does: 'probe the model server',
    options: {
      short: flag('only ask whether it calls tools'),
      config: text('folder of the ralph.yaml to read', 'DIR', { default: join(PROJECT_DIR, 'config') }),
      json,
    },
  },
  verify: { does: 'check a run for anything lost, doubled or changed', options: { tag, runs, json } },
  replay: {
    does: 'run a recorded run again and compare the journals',
    words: atMostOne('TAG'),
    options: { tag, json },
  },
  reproduce: {
    does: 'evaluate a stored trial again',
    words: one('TRIAL'),
    options: { tag, config: runConfig, json },
  },
  promote: {
    does: 'open the holdout for one kept candidate',
    words: one('TRIAL'),
    options: { tag: text('the run', 'TAG', { default: 'main' }), json },
  },
  backtest: {
    does: 'one candidate, no model; its bars come from the database or from --bars',
    words: one('FILE.yaml'),
    options: {
      window,
      config: text('folder of market.yaml and windows.yaml', 'DIR', { default: join(PROJECT_DIR, 'config') }),
      bars: several(text('a file of bars in place of the database, one a symbol', 'FILE')),
      format,
      symbol: several(text('symbols of --bars, in its order; without it those of the YAML', 'SYMBOL')),
      json,
    },
  },
  data: {
    does: 'ingest | list | verify | download | simulate bars',
    words: { form: 'ingest|list|verify|download|simulate', least: 1, most: 1 },
    options: {},
  },
  'data ingest': {
    does: 'take files of 1-minute bars into the database',
    words: any('PATH…', 1),
    options: {
      symbol: text('symbol of the bars, where the file name does not say it', 'BTCUSD'),
      format,
      columns: value(
        'places of the columns',
        'columns such as time=0,open=1,high=2,low=3,close=4,volume=5,unit=ms',
        (given) => parseColumnMap(given) ?? undefined,
        { form: 'time=0,open=1,…' },
      ),
      onConflict: choice('what wins where a bar is there with other values', ['keep', 'replace'], { default: 'keep' }),
      maxBadShare: fraction('bad rows that a file may have; without it that of the config'),
      ...data,
    },
  },
  'data list': {
    does: 'what is there: symbols, spans, coverage, files',
    options: { files: flag('the files that the bars came from'), ...data },
  },
  'data verify': {
    does: 'gaps, duplicates, outliers, flat and silent stretches, per month',
    words: any('[SYMBOL…]'),
    options: {
      from: day('first day', { default: Date.UTC(2009, 0, 1) }),
      to: day('day after the last', { default: Date.UTC(2100, 0, 1) }),
      picture: text('draw coverage and price', 'FILE.svg'),
      ...data,
    },
  },
  'data download': {
    does: 'fetch archives of the exchange’s public data site',
    words: one('BTCUSDT'),
    options: {
      from: month('first month'),
      to: month('last month; without it this one'),
      market: choice('spot, or futures in USD or coin', Object.keys(MARKETS) as (keyof typeof MARKETS)[], {
        default: 'spot',
      }),
      baseUrl: text('another site with the same files', 'URL', { default: 'https://data.binance.vision' }),
      ...data,
    },
  },
  'data simulate': {
    does: 'store a seeded market with a planted edge',
    options: {
      symbol: text('its symbol', 'SYMBOL', { default: 'SIM' }),
      seed: text('a number or a word', 'SEED', { default: '1' }),
      days: whole('how long it is', { least: 1, most: 20_000, default: 730 }),
      from: day('its first day', { default: Date.UTC(2013, 0, 1) }),
      edge: several(edge),
      ...data,
    },
  },
  compare: {
    does: 'runs side by side, on equal trials and on equal working time',
    words: any('TAG TAG…', 1),
    options: { svg: text('draw the keeps over time', 'FILE'), runs, json },
  },
  track: { ...trackStatus, does: 'status | sync | retry of the W&B outbox' },
  'track status': trackStatus,
  'track sync': {
    does: 'send everything that W&B does not have yet',
    options: { tag, wait: amount('seconds to go on trying', { default: 3600 }), runs, json },
  },
  'track retry': { does: 'put what was set aside back into the outbox', options: { tag, runs, json } },
  calibrate: {
    does: 'measure false-positive rate and power of the gates',
    options: {
      quick: flag('under two minutes; keeps nothing'),
      report: flag('only print and draw the answers that are there'),
      tune: flag('look for better gates'),
      only: text('experiments, by name or by its beginning', 'NAME,NAME'),
      adversary: text('a module of your own that makes candidates without an edge', 'FILE'),
      searches: whole('searches for each experiment', { least: 1 }),
      workers: whole('threads', { least: 1, default: availableParallelism(), form: 'N' }),
      real: text('files of real bars', 'GLOB', {
        default: join(PACKAGE_ROOT, '../shared/data/bitfinex/BTCUSD-1m-*.csv.gz'),
      }),
      out: text('where the answers are kept', 'DIR', { default: join(PROJECT_DIR, 'runs/calibration') }),
      json,
    },
  },
  bench: { does: 'run benchmarks', words: any('[NAME…]'), options: { json } },
} as const satisfies Record<string, Verb>;

export type VerbName = keyof typeof VERBS;

/** The code of a verb: gets precisely the options that the table names. */
export type Handler<V extends VerbName> = (
  options: Values<(typeof VERBS)[V]['options']>,
  words: readonly string[],
) => Promise<ExitCode>;
