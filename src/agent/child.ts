import type { ToolResult } from './contract.ts';
import type { ToChild, ToParent } from './ipc.ts';
import { runSession } from './session/session.ts';

// The session process: no files, no environment, no children; the model over the network, everything else by message.
const abort = new AbortController();
const waiting = new Map<number, (result: ToolResult) => void>();
let calls = 0;

const send = (message: ToParent) => process.send?.(message);

process.on('message', (message: ToChild) => {
  if (message.kind === 'abort') abort.abort();
  if (message.kind === 'result') {
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  }
  if (message.kind === 'start') {
    void runSession(message.spec, {
      signal: abort.signal,
      onEntry: (entry) => send({ kind: 'entry', entry }),
      callTool: (name, args) =>
        new Promise((answer) => {
          const id = ++calls;
          waiting.set(id, answer);
          send({ kind: 'call', id, name, args });
        }),
    }).then((end) => {
      process.send?.({ kind: 'end', end } satisfies ToParent, () => process.disconnect?.());
    });
  }
});

// A harness that died must not leave a session behind that goes on spending.
process.on('disconnect', () => process.exit(0));
send({ kind: 'ready' });
