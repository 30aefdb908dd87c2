import { join } from 'node:path';
import { RALPH } from '../../base/commands.ts';
import { print, printJson, progress, say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError, UsageError } from '../../base/errors.ts';
import { isoDay } from '../../base/numbers.ts';
import { download } from '../../market/download/download.ts';
import { downloadFromExchange, type ExchangeDownload } from '../../market/download/exchange/download.ts';
import { VENUES } from '../../market/download/exchange/venues.ts';
import type { Fetched } from '../../market/download/fetch-file.ts';
import { usageOf } from '../table/parse.ts';
import { type Handler, VERBS } from '../table/table.ts';
import { marketOf } from './common.ts';

const ARCHIVES = 'https://data.binance.vision';

/**
 * Fetches archives of Binance's public data site, or pages of another exchange. JSON: {downloaded, cached, bytes, missing, failed, dir}, or
 * {exchange, market, symbol, downloaded, bars, until, fingerprint, funding, dir}.
 */
export const dataDownload: Handler<'data download'> = async (
  { exchange, symbol, from, to: end, market, baseUrl, config, dataDir, json },
  [wanted],
) => {
  const now = Date.now();
  const to = end ?? new Date(now).toISOString().slice(0, 7);
  if (from === undefined) throw usage('--from is missing: a month such as 2021-01');
  if (from > to) throw usage(`--from ${from} is after --to ${to}`);
  const stop = new AbortController();
  const remedy = 'Repeat the command: it goes on where it stopped.';
  const onSignal = () => stop.abort(new RalphError('interrupted', { remedy, exitCode: EXIT.interrupted }));
  const dir = join(marketOf(config, dataDir).dataDir, 'archives');
  if (exchange !== 'binance') {
    process.once('SIGINT', onSignal);
    const request = { venue: exchange, market: wanted, symbol, from, to, dir, baseUrl };
    await fromExchange(request, stop.signal, json).finally(() => process.off('SIGINT', onSignal));
    return EXIT.done;
  }
  if (!/^[A-Z0-9]{3,20}$/.test(wanted)) throw usage(`expected a symbol such as BTCUSDT; got "${wanted}"`);
  process.once('SIGINT', onSignal);
  const request = { symbol: wanted, from, to, market, baseUrl: baseUrl ?? ARCHIVES, dir, today: now };
  const onFile = (name: string, fetched: Fetched) => say(`${name}  ${wordOf(fetched)}`);
  const report = await download({ ...request, signal: stop.signal, onFile }).finally(() =>
    process.off('SIGINT', onSignal),
  );
  if (json) printJson(report);
  else {
    const { downloaded, cached, bytes, missing, failed } = report;
    print(
      `${downloaded} downloaded, ${cached} already there, ${(bytes / 1e6).toFixed(1)} MB, ${missing.length} not on the site, ${failed.length} failed`,
    );
    if (downloaded + cached > 0) print(`next: npm run ralph -- data ingest ${report.dir} --symbol ${symbol ?? wanted}`);
  }
  return report.failed.length > 0 ? EXIT.failed : EXIT.done;
};

async function fromExchange(request: Omit<ExchangeDownload, 'onProgress'>, signal: AbortSignal, json: boolean) {
  const { venue, to } = request;
  if ('trades' in VENUES[venue])
    say(
      `${venue} keeps only its newest ${VENUES[venue].page} bars: older ones are made of its trades, which takes hours for a year`,
    );
  const draw = progress();
  const [year, month] = to.split('-').map(Number);
  const end = Math.min(Date.now(), Date.UTC(year, month));
  // Months that were there already cost nothing: only what came since the first report tells the pace.
  let first: { readonly until: number; readonly at: number } | null = null;
  const report = await downloadFromExchange({
    ...request,
    signal,
    onWait: (line) => {
      draw();
      say(line);
    },
    onProgress: ({ month: name, until, bars }) => {
      first ??= { until, at: Date.now() };
      const msEach = until > first.until ? (Date.now() - first.at) / (until - first.until) : 0;
      const left = msEach > 0 ? `  about ${Math.ceil((msEach * (end - until)) / 60_000)} min left` : '';
      draw(`${name}  ${new Date(until).toISOString().slice(0, 16)}  ${bars} bars${left}`);
    },
  }).finally(() => draw());
  const { symbol, downloaded, bars, fingerprint, funding, dir, market } = report;
  if (json) printJson(report);
  else {
    print(`${venue} ${market}: ${downloaded} bars downloaded, ${bars} there, fingerprint ${fingerprint.slice(0, 12)}`);
    if (funding)
      print(`${funding.rates} funding rates${funding.first === null ? '' : `, from ${isoDay(funding.first)} on`}`);
    if (bars > 0) print(`next: npm run ralph -- data ingest ${dir} --symbol ${symbol}`);
  }
}

function wordOf(fetched: Fetched): string {
  if (fetched.outcome === 'failed') return `failed: ${fetched.why}`;
  if (fetched.outcome === 'missing') return 'not on the site';
  return `${fetched.outcome}, ${(fetched.bytes / 1e6).toFixed(2)} MB`;
}

function usage(message: string): RalphError {
  return new UsageError(message, { remedy: `Usage: ${usageOf(`${RALPH} data download`, VERBS['data download'])}` });
}
