import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A port that nobody listens on. It lies below the range from which systems take the ports of outgoing connections, so that
 * none of those takes it between this answer and the server it is for.
 */
export async function freePort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); ; port = 20_000 + ((port + 1) % 10_000)) {
    const probe = createServer().listen(port, '127.0.0.1');
    const listening = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]).catch(() => false);
    probe.close();
    if (listening) return port;
    await sleep(10);
  }
}
