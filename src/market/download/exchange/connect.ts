import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from 'ccxt';
import { messageOf, RalphError } from '../../../base/errors.ts';
import { jsonIn } from '../../../base/json.ts';
import { useProxies } from '../../../base/network.ts';
import { backoff } from '../../../base/wait/backoff.ts';
import { PATIENCE, type Patience, waitOf } from '../fetch-file.ts';
import { OddAnswer, RefusedQuestion, type VenueName } from './venues.ts';

export interface ConnectOptions {
  readonly venue: VenueName;
  /** Another server that answers as the exchange does; for tests. */
  readonly baseUrl?: string;
  /** Least ms between two questions; what ccxt knows of the exchange when left out. */
  readonly paceMs?: number;
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
  /** Told when the exchange did not answer and is asked again. */
  readonly onWait?: (line: string) => void;
}

export type Connection = Awaited<ReturnType<typeof connect>>;

/** What the last answer said beside its content. */
interface Heard {
  status: number;
  retryAfterMs: number;
  behindMs: number;
}

/**
 * Opens an exchange through ccxt, which is loaded here and nowhere else: it takes over a second and 100 MB. It is asked politely: at its pace,
 * again after a failure that may pass, and only for whole answers.
 */
export async function connect({ venue, baseUrl, paceMs, ...options }: ConnectOptions) {
  useProxies();
  const { default: ccxt } = await import('ccxt');
  const heard: Heard = { status: 0, retryAfterMs: 0, behindMs: 0 };
  const { stallMs } = options.patience ?? PATIENCE;
  const exchange: Exchange = new ccxt[venue]({
    enableRateLimit: true,
    timeout: stallMs,
    ...(paceMs !== undefined && { rateLimit: paceMs }),
  });
  // Deposits, networks and options are of no use here, and each costs a question.
  exchange.has.fetchCurrencies = false;
  if (venue === 'okx') exchange.options.fetchMarkets = { types: ['spot', 'swap'] };
  if (venue === 'bybit') exchange.options.fetchMarkets = { types: ['spot', 'linear', 'inverse'] };
  if (baseUrl !== undefined) exchange.urls.api = moved(exchange.urls.api, baseUrl.replace(/\/$/, ''));
  exchange.fetchImplementation = (url: string, init: RequestInit) => wholeAnswer(url, init, heard, options.signal);
  const mayPass = (error: unknown) =>
    error instanceof OddAnswer || error instanceof TypeError || error instanceof ccxt.NetworkError;
  return {
    exchange,
    /** Epoch ms by this machine's clock or the exchange's, whichever is behind. */
    now: () => Date.now() - heard.behindMs,
    /** Asks, and asks again where that can help. Throws RefusedQuestion where it cannot, RalphError when patience is at its end. */
    ask: <T>(question: (exchange: Exchange) => Promise<T>) =>
      asked(venue, () => question(exchange), mayPass, heard, options),
  };
}

async function asked<T>(
  venue: string,
  question: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
  heard: Heard,
  { patience = PATIENCE, signal, onWait }: Pick<ConnectOptions, 'patience' | 'signal' | 'onWait'>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    Object.assign(heard, { status: 0, retryAfterMs: 0 });
    try {
      return await question();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RalphError) throw error;
      const why = messageOf(error).slice(0, 300);
      if (heard.status === 403 || heard.status === 451)
        throw new RalphError(`${venue} does not serve this address (${heard.status}): ${why}`, {
          remedy: 'Some countries are shut out. Set HTTPS_PROXY, or take another exchange.',
        });
      if (!mayPass(error)) throw new RefusedQuestion(why);
      if (attempt >= patience.attempts)
        throw new RalphError(`${venue} gave no usable answer in ${attempt} tries: ${why}`, {
          remedy: 'Repeat the command later: it goes on where it stopped.',
        });
      const wait = Math.max(heard.retryAfterMs, backoff(attempt, patience.pauseMs, 60_000));
      onWait?.(`${venue}: ${why.slice(0, 120)}; asking again in ${Math.ceil(wait / 1000)} s`);
      await sleep(wait, undefined, { signal });
    }
  }
}

/** The addresses of an exchange with another server in front of their paths. */
function moved(address: unknown, to: string): Exchange['urls']['api'] {
  if (typeof address === 'string') return address.replace(/^https:\/\/[^/]+/, to) as never;
  const entries = Object.entries(address as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, one]) => [name, moved(one, to)])) as never;
}

/**
 * Fetches a body to its end. ccxt takes an answer that is no JSON for one without bars: half a page must be a failure before it sees it. A
 * TypeError is what it asks again for.
 */
async function wholeAnswer(url: string, init: RequestInit, heard: Heard, stop?: AbortSignal): Promise<Response> {
  const signal = stop && init.signal ? AbortSignal.any([stop, init.signal]) : init.signal;
  const { method, headers, body } = init;
  const response = await fetch(url, { method, headers, body, signal, redirect: 'error' });
  heard.status = response.status;
  heard.retryAfterMs = waitOf(response.headers.get('retry-after'));
  const date = Date.parse(response.headers.get('date') ?? '');
  heard.behindMs = Number.isNaN(date) ? 0 : Math.max(0, Date.now() - date);
  const text = await response.text();
  if (response.ok && jsonIn(text) === undefined)
    throw new TypeError('fetch failed', {
      cause: new Error(`the answer is cut off or no JSON (${text.length} characters)`),
    });
  return new Response(text, response);
}
