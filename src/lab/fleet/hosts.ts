import { execFileSync } from 'node:child_process';
import { type Line, openLine } from '../soak/world/line.ts';

/** A host of its own as far as its network goes: what runs in it reaches the server until it is cut off, and its own model server always. */
export interface Host {
  /** What a command is started with to run in it. */
  readonly prefix: readonly string[];
  /** Where it reaches the server. */
  readonly address: string;
  readonly port: number;
  /** Where it reaches the model server that stands beside it. */
  readonly beside: { readonly address: string; readonly port: number };
  /** How the network is cut: packets vanish (namespace), or connections break and are refused (loopback). */
  readonly kind: 'namespace' | 'loopback';
  cut(): void;
  heal(): Promise<void>;
  remove(): void;
}

const ip = (...args: string[]) => void execFileSync('ip', args, { stdio: 'pipe' });

/**
 * Makes a network namespace with a line to two ports of this machine, of which the first can be cut; where that may not be done, a line on
 * loopback that can be.
 */
export async function openHost(serverPort: number, besidePort: number): Promise<Host> {
  const name = `ralph${process.pid}`;
  const link = (kind: string, net: string) => {
    const [here, there] = [`r${kind}h${process.pid}`, `r${kind}t${process.pid}`];
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
    ip('link', 'set', there, 'netns', name);
    ip('addr', 'add', `${net}.1/30`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'addr', 'add', `${net}.2/30`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    return { device: here, address: `${net}.1` };
  };
  let made = false;
  let far: ReturnType<typeof link>;
  let near: ReturnType<typeof link>;
  try {
    ip('netns', 'add', name);
    made = true;
    far = link('s', '10.213.77');
    near = link('m', '10.213.78');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch {
    if (made) ip('netns', 'del', name);
    return onLoopback(await openLine(() => serverPort), besidePort);
  }
  const line = await openLine(() => serverPort, far.address);
  const other = await openLine(() => besidePort, near.address);
  return {
    prefix: ['ip', 'netns', 'exec', name],
    address: far.address,
    port: line.port,
    kind: 'namespace',
    beside: { address: near.address, port: other.port },
    cut: () => ip('link', 'set', far.device, 'down'),
    heal: async () => ip('link', 'set', far.device, 'up'),
    remove() {
      line.close();
      other.close();
      ip('netns', 'del', name);
    },
  };
}

function onLoopback(line: Line, besidePort: number): Host {
  return {
    prefix: [],
    address: '127.0.0.1',
    port: line.port,
    kind: 'loopback',
    beside: { address: '127.0.0.1', port: besidePort },
    cut: line.cut,
    heal: line.join,
    remove: line.close,
  };
}
