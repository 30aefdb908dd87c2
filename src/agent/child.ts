import type { BlocksStep, ToolResult } from './contract.ts';
import type { ToChild, ToParent } from './ipc.ts';
import { runSession } from './session/session.ts';

// The session process: no files, no environment, no children; the model over the network, everything else by message.
const abort = new AbortController();
const waiting = new Map<number, (value: never) => void>();
let calls = 0;

const send = (message: ToParent) => process.send?.(message);

const asked = <T>(question: (id: number) => ToParent) =>
  new Promise<T>((answer) => {
    const id = ++calls;
    waiting.set(id, answer);
    send(question(id));
  });

process.on('message', (message: ToChild) => {
  if (message.kind === 'abort') abort.abort();
  if (message.kind === 'answer') {
    waiting.get(message.id)?.(message.value as never);
    waiting.delete(message.id);
  }
  if (message.kind === 'start')
    void runSession(message.spec, {
      signal: abort.signal,
      onEntry: (entry) => send({ kind: 'entry', entry }),
      callTool: (name, args) => asked<ToolResult>((id) => ({ kind: 'call', id, name, args })),
      restart: (why) => asked<boolean>((id) => ({ kind: 'restart', id, why })),
      drive: (answer) => asked<BlocksStep>((id) => ({ kind: 'drive', id, answer })),
    }).then((end) => {
      process.send?.({ kind: 'end', end } satisfies ToParent, () => process.disconnect?.());
    });
});

// A harness that died must not leave a session behind that goes on spending.
process.on('disconnect', () => process.exit(0));
send({ kind: 'ready' });
