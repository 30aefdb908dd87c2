import { join } from 'node:path';
import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import { print, printJson, say } from '../../base/terminal.ts';
import { type ArchiveMarket, MARKETS } from '../../market/download/archives.ts';
import { download } from '../../market/download/download.ts';
import type { Fetched } from '../../market/download/fetch-file.ts';
import { COMMON, marketOf, readArgs } from './common.ts';

const SITE = 'https://data.binance.vision';
export const USAGE =
  'npm run ralph -- data download BTCUSDT --from 2021-01 [--to 2024-12] [--market spot|um|cm] [--base-url URL] [--json]';

const OPTIONS = {
  ...COMMON,
  from: { type: 'string' },
  to: { type: 'string' },
  market: { type: 'string', default: 'spot' },
  'base-url': { type: 'string', default: SITE },
} as const;

/** Fetches archives of the exchange's public data site. JSON: {downloaded, cached, bytes, missing, failed, dir}. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArgs(args, OPTIONS, USAGE);
  const [symbol] = positionals;
  const now = Date.now();
  const to = values.to ?? new Date(now).toISOString().slice(0, 7);
  if (!/^[A-Z0-9]{3,20}$/.test(symbol ?? '') || positionals.length !== 1)
    throw usage('name one symbol, such as BTCUSDT');
  if (!isMonth(values.from) || !isMonth(to)) throw usage('--from and --to are months such as 2021-01');
  if (values.from > to) throw usage(`--from ${values.from} is after --to ${to}`);
  if (!Object.hasOwn(MARKETS, values.market)) throw usage(`unknown --market "${values.market}"`);
  const stop = new AbortController();
  const onSignal = () =>
    stop.abort(
      new RalphError('interrupted', {
        remedy: 'Repeat the command: it goes on where it stopped.',
        exitCode: EXIT.interrupted,
      }),
    );
  process.once('SIGINT', onSignal);
  const report = await download({
    symbol,
    from: values.from,
    to,
    market: values.market as ArchiveMarket,
    baseUrl: values['base-url'],
    dir: join(marketOf(values).dataDir, 'archives'),
    today: now,
    signal: stop.signal,
    onFile: (name, fetched) => say(`${name}  ${wordOf(fetched)}`),
  }).finally(() => process.off('SIGINT', onSignal));
  if (values.json) printJson(report);
  else {
    const { downloaded, cached, bytes, missing, failed, dir } = report;
    print(
      `${downloaded} downloaded, ${cached} already there, ${(bytes / 1e6).toFixed(1)} MB, ${missing.length} not on the site, ${failed.length} failed`,
    );
    if (downloaded + cached > 0) print(`next: npm run ralph -- data ingest ${dir} --symbol ${symbol}`);
  }
  return report.failed.length > 0 ? EXIT.failed : EXIT.done;
}

function wordOf(fetched: Fetched): string {
  if (fetched.outcome === 'failed') return `failed: ${fetched.why}`;
  if (fetched.outcome === 'missing') return 'not on the site';
  return `${fetched.outcome}, ${(fetched.bytes / 1e6).toFixed(2)} MB`;
}

function isMonth(text: string | undefined): text is string {
  return /^20\d\d-(0[1-9]|1[0-2])$/.test(text ?? '');
}

function usage(message: string): RalphError {
  return new RalphError(message, { remedy: `Usage: ${USAGE}`, exitCode: EXIT.usage });
}
