import { join } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import { print, printJson, say } from '../../base/terminal.ts';
import { download } from '../../market/download/download.ts';
import type { Fetched } from '../../market/download/fetch-file.ts';
import { RALPH, usageOf } from '../table/describe.ts';
import { type Handler, VERBS } from '../table/table.ts';
import { marketOf } from './common.ts';

/** Fetches archives of the exchange's public data site. JSON: {downloaded, cached, bytes, missing, failed, dir}. */
export const dataDownload: Handler<'data download'> = async (
  { from, to: end, market, baseUrl, config, dataDir, json },
  [symbol],
) => {
  const now = Date.now();
  const to = end ?? new Date(now).toISOString().slice(0, 7);
  if (!/^[A-Z0-9]{3,20}$/.test(symbol)) throw usage(`expected a symbol such as BTCUSDT; got "${symbol}"`);
  if (from === undefined) throw usage('--from is missing: a month such as 2021-01');
  if (from > to) throw usage(`--from ${from} is after --to ${to}`);
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
    from,
    to,
    market,
    baseUrl,
    dir: join(marketOf(config, dataDir).dataDir, 'archives'),
    today: now,
    signal: stop.signal,
    onFile: (name, fetched) => say(`${name}  ${wordOf(fetched)}`),
  }).finally(() => process.off('SIGINT', onSignal));
  if (json) printJson(report);
  else {
    const { downloaded, cached, bytes, missing, failed, dir } = report;
    print(
      `${downloaded} downloaded, ${cached} already there, ${(bytes / 1e6).toFixed(1)} MB, ${missing.length} not on the site, ${failed.length} failed`,
    );
    if (downloaded + cached > 0) print(`next: npm run ralph -- data ingest ${dir} --symbol ${symbol}`);
  }
  return report.failed.length > 0 ? EXIT.failed : EXIT.done;
};

function wordOf(fetched: Fetched): string {
  if (fetched.outcome === 'failed') return `failed: ${fetched.why}`;
  if (fetched.outcome === 'missing') return 'not on the site';
  return `${fetched.outcome}, ${(fetched.bytes / 1e6).toFixed(2)} MB`;
}

function usage(message: string): RalphError {
  return new RalphError(message, {
    remedy: `Usage: ${usageOf(`${RALPH} data download`, VERBS['data download'])}`,
    exitCode: EXIT.usage,
  });
}
