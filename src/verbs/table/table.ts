import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';
import { MARKET_VERBS } from './market.ts';
import { amount, flag, text, whole } from './options.ts';
import { SEARCH_VERBS } from './search.ts';
import { any, json, runs, tag, type Values, type Verb } from './verb.ts';

const trackStatus = { does: 'what waits for Weights & Biases', options: { tag, runs, json } } as const satisfies Verb;

/** Every command of `npm run ralph -- VERB`: usage lines, parsing, defaults and `help` come from here. */
export const VERBS = {
  help: {
    does: 'this list, or how to write one verb',
    words: { form: '[VERB]', least: 0, most: 2 },
    options: {},
  },
  version: { does: 'the version of this package', options: {} },
  ...SEARCH_VERBS,
  ...MARKET_VERBS,
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
      quick: flag('under five minutes; keeps nothing'),
      report: flag('only print and draw the answers that are there'),
      tune: flag('look for better gates'),
      only: text('experiments, by name or by its beginning', 'NAME,NAME'),
      adversary: text('a module of your own that makes candidates without an edge', 'FILE'),
      defences: flag('cheats, or those of --adversary, with and without each defence'),
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

/** The code of a verb: gets precisely the options that the table names. Without an exit code it is done. */
export type Handler<V extends VerbName> = (
  options: Values<(typeof VERBS)[V]['options']>,
  words: readonly string[],
) => Promise<ExitCode> | Promise<void>;
