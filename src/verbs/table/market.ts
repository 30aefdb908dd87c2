import { join } from 'node:path';
import { PROJECT_DIR, projectFile } from '../../base/roots.ts';
import { TIMEFRAMES } from '../../market/bars.ts';
import { MARKETS } from '../../market/download/archives.ts';
import { VENUES } from '../../market/download/exchange/venues.ts';
import type { Wish } from '../../market/ingest/format/detect.ts';
import { FORMAT_NAMES, parseColumnMap } from '../../market/ingest/format/format.ts';
import { isTimezone } from '../../market/ingest/format/times.ts';
import { EDGE_KINDS } from '../../market/simulate/edge-kinds.ts';
import { choice, day, flag, folder, fraction, several, text, value, whole } from './options.ts';
import { any, json, one, type Values, type Verb } from './verb.ts';

/** How a file of bars is read, where it does not say so itself. */
export const reading = {
  format: choice('layout of the file; without it told from the file', FORMAT_NAMES),
  columns: value(
    'places of the columns',
    'columns such as time=0,open=1,high=2,low=3,close=4,volume=5,unit=ms; clock=1 for a time beside its date',
    (given) => parseColumnMap(given) ?? undefined,
    { form: 'time=0,open=1,…' },
  ),
  timezone: value(
    'zone of times without one; UTC when left out',
    'a zone such as America/New_York',
    (given) => (isTimezone(given) ? given : undefined),
    { form: 'ZONE' },
  ),
  label: choice('what the time of a bar says: its first moment or its last', ['open', 'close']),
  interval: choice('length of a bar; longer ones than a minute are what orders fill in', TIMEFRAMES, { default: '1m' }),
  dates: choice('which comes first in 04/01/2021', ['day-first', 'month-first']),
  open: choice('the open is the close of the minute before: it is moved into its bar', ['previous-close']),
  volume: value(
    'what the volume counts; base when left out',
    'base, quote, or contracts=N with the quote money of one contract',
    (given) => {
      if (given === 'base' || given === 'quote') return given;
      const contract = Number(/^contracts=(\d+(?:\.\d+)?)$/.exec(given)?.[1]);
      return contract > 0 ? { contract } : undefined;
    },
    { form: 'base|quote|contracts=N' },
  ),
  noVolume: flag('take bars without a volume; needs participation: 0 in market.yaml'),
};

/** The same as a wish. */
export function wishOf({ noVolume, volume, ...given }: Values<typeof reading>): Wish {
  return { ...given, volume: noVolume ? 'none' : volume };
}

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

/** Verbs that take bars in, check and play them. */
export const MARKET_VERBS = {
  backtest: {
    does: 'one candidate, no model; its bars come from the database or from --bars',
    words: one('FILE.yaml'),
    options: {
      window,
      config: folder('folder of market.yaml and windows.yaml', { default: join(PROJECT_DIR, 'config') }),
      bars: several(text('a file of bars in place of the database, one a symbol', 'FILE')),
      ...reading,
      symbol: several(text('symbols of --bars, in its order; without it those of the YAML', 'SYMBOL')),
      sweep: text('play a grid of parameters instead, and print its best plateaus', 'NAME=FROM..TO:STEP,…'),
      map: text('the sweep of two parameters as a picture', 'FILE.svg'),
      trades: text('closed trades as CSV, or Parquet where its name ends so', 'FILE'),
      returns: text('daily returns, likewise', 'FILE'),
      equity: text('daily equity and benchmark, likewise', 'FILE'),
      json,
    },
  },
  data: {
    does: 'ingest | list | verify | download | simulate bars',
    words: { form: 'ingest|list|verify|download|simulate', least: 1, most: 1 },
    options: {},
  },
  'data ingest': {
    does: 'take files of bars into the database: CSV, JSON, Parquet, Feather; packed or not',
    words: any('PATH…', 1),
    options: {
      symbol: text('symbol of the bars, where the file name does not say it', 'BTCUSD'),
      ...reading,
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
      from: day('first day', { default: Date.UTC(1970, 0, 1) }),
      to: day('day after the last', { default: Date.UTC(2100, 0, 1) }),
      picture: text('draw coverage and price', 'FILE.svg'),
      ...data,
    },
  },
  'data download': {
    does: 'fetch bars: archives of Binance, or pages of another exchange; funding rates of perpetuals with them',
    words: one('BTCUSDT|BTC/USD'),
    options: {
      exchange: choice('where the market is', ['binance', ...(Object.keys(VENUES) as (keyof typeof VENUES)[])], {
        default: 'binance',
      }),
      symbol: text('what the bars shall be called here; without it made of the market', 'SYMBOL'),
      from: month('first month'),
      to: month('last month; without it this one'),
      market: choice('Binance: spot, or futures in USD or coin', Object.keys(MARKETS) as (keyof typeof MARKETS)[], {
        default: 'spot',
      }),
      baseUrl: text('another site that answers in the same way', 'URL'),
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
} as const satisfies Record<string, Verb>;
