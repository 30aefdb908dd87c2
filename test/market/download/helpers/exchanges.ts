import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Mood, ROUTES } from './answers.ts';
import { NOW } from './traded.ts';

export interface Exchanges {
  readonly baseUrl: string;
  readonly mood: Mood;
  /** Paths of all questions for bars, trades and rates, with the ms at which they came. */
  readonly asked: { path: string; at: number }[];
  close(): void;
}

/** Answers as Kraken, Bitstamp, Coinbase, OKX and Bybit do: their paths, orders, limits and forms of numbers. */
export async function startExchanges(): Promise<Exchanges> {
  const mood: Mood = {};
  const asked: Exchanges['asked'] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://here');
    const found = Object.entries(ROUTES).find(([path]) => url.pathname.startsWith(path));
    const answer = found?.[1](url.searchParams, mood, url.pathname);
    if (!/AssetPairs|markets|products$|instruments/.test(url.pathname))
      asked.push({ path: request.url!, at: performance.now() });
    const body = JSON.stringify(answer ?? { error: 'not found' });
    if (mood.fault?.(request, response, body)) return;
    response.setHeader('date', new Date(NOW).toUTCString());
    response.writeHead(answer === undefined ? 404 : 'refused' in (answer as object) ? 400 : 200, {
      'content-type': 'application/json',
    });
    response.end(body);
  });
  // As a proxy: whatever host is asked for, it is this one.
  server.on('connect', (_, socket) => {
    const { port } = server.address() as AddressInfo;
    const upstream = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    baseUrl,
    mood,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
