import { execFileSync } from 'node:child_process';
import { type Line, openLine } from '../soak/line.ts';

/** A host of its own as far as its network goes: what runs in it reaches one server, until it is cut off. */
export interface Host {
  /** What a command is started with to run in it. */
  readonly prefix: readonly string[];
  /** Where it reaches the server. */
  readonly address: string;
  readonly port: number;
  /** How the network is cut: packets vanish (namespace), or connections break and are refused (loopback). */
  readonly kind: 'namespace' | 'loopback';
  cut(): void;
  heal(): Promise<void>;
  remove(): void;
}

const ip = (...args: string[]) => void execFileSync('ip', args, { stdio: 'pipe' });

/** Makes a network namespace with a line to a port of this machine; where that may not be done, a line on loopback that can be cut. */
export async function openHost(serverPort: number): Promise<Host> {
  const name = `ralph${process.pid}`;
  const [here, there] = [`rh${process.pid}`, `rt${process.pid}`];
  const [own, other] = ['10.213.77.1', '10.213.77.2'];
  let made = false;
  try {
    ip('netns', 'add', name);
    made = true;
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
    ip('link', 'set', there, 'netns', name);
    ip('addr', 'add', `${own}/30`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'addr', 'add', `${other}/30`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch {
    if (made) ip('netns', 'del', name);
    return onLoopback(await openLine(() => serverPort));
  }
  const line = await openLine(() => serverPort, own);
  return {
    ...{ prefix: ['ip', 'netns', 'exec', name], address: own, port: line.port, kind: 'namespace' },
    cut: () => ip('link', 'set', here, 'down'),
    heal: async () => ip('link', 'set', here, 'up'),
    remove() {
      line.close();
      ip('netns', 'del', name);
    },
  };
}

function onLoopback(line: Line): Host {
  return {
    ...{ prefix: [], address: '127.0.0.1', port: line.port, kind: 'loopback' },
    cut: line.cut,
    heal: line.join,
    remove: line.close,
  };
}
