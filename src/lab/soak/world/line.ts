import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** A line to a server that can be cut and joined again. */
export interface Line {
  readonly port: number;
  cut(): void;
  join(): Promise<void>;
  close(): void;
}

/** A port that leads to another one until it is cut: then it refuses, and what went through it breaks off. */
export async function openLine(target: () => number, host = '127.0.0.1'): Promise<Line> {
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server = createServer((socket) => {
        const far = dial({ host: '127.0.0.1', port: target() });
        for (const [from, to] of [
          [socket, far],
          [far, socket],
        ]) {
          sockets.add(from);
          from.on('error', () => to.destroy());
          from.on('close', () => {
            sockets.delete(from);
            to.destroy();
          });
          from.pipe(to);
        }
      });
      server.once('error', reject);
      server.listen(port, host, () => resolve((server.address() as { port: number }).port));
    });
  const port = await listen(0);
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    cut,
    join: async () => {
      if (!server.listening) await listen(port);
    },
    close: cut,
  };
}

/** A connection string that leads to another port. */
export function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
