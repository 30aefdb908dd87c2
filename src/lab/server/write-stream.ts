import type { ServerResponse } from 'node:http';
import type { Wire } from './chunks.ts';
import type { Style } from './styles.ts';

/** Writes an answer chunk by chunk, with a pause of so many ms after each; a cut closes the connection in the middle. */
export async function writeStream(
  response: ServerResponse,
  wires: readonly Wire[],
  pauseMs: number,
  { event = (data) => `data: ${data}\n\n`, neverEnds, streamsBroken }: Partial<Style> = {},
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  if (streamsBroken) return;
  for (const wire of wires) {
    if (response.destroyed) return;
    if ('cut' in wire) return void response.socket?.destroy();
    if ('waitMs' in wire) await delay(wire.waitMs, response);
    else {
      response.write(event('raw' in wire ? wire.raw : JSON.stringify(wire.json)));
      if (pauseMs > 0) await delay(pauseMs, response);
    }
  }
  if (!neverEnds) response.end();
}

/** Ends early when the client hangs up. */
export function delay(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      response.off('close', end);
      done();
    };
    const timer = setTimeout(end, ms);
    response.once('close', end);
  });
}
