import { bad } from '../acceptance.ts';
import type { Wire } from '../chunks.ts';
import type { FaultMode } from '../fault-mode.ts';

const CUDA = { error: { message: 'CUDA error: unspecified launch failure', type: 'InternalServerError', code: 500 } };

/** Faults of the engine itself, which outlive the request. */
export const ENGINE_FAULTS: readonly FaultMode[] = [
  {
    id: 'F50',
    title: 'engine dead: 500, then nobody listens until the restart',
    refuse: () => ({
      ...bad('EngineCore encountered an issue. See stack trace (above) for the root cause.'),
      status: 500,
      type: 'InternalServerError',
    }),
    lasting: false,
    engine: (engine, { silenceMs }) => {
      engine.deadUntil = Date.now() + silenceMs / 10;
    },
  },
  {
    id: 'F51',
    title: 'silent hang while /health says 200',
    when: (_, { stream }) => stream,
    stream: (wires, { silenceMs }): Wire[] => [...wires.slice(0, 2), { waitMs: silenceMs }, { cut: true }],
  },
  {
    id: 'F52',
    title: 'poisoned prefix cache: every answer spoilt until the restart',
    engine: (engine) => {
      engine.poisoned = 3;
    },
  },
  {
    id: 'F53',
    title: 'CUDA launch failure under load',
    when: (_, { stream }) => stream,
    stream: (wires) => [...wires.slice(0, 3), { json: CUDA }, { raw: '[DONE]' }],
    engine: (engine, { silenceMs }) => {
      engine.deadUntil = Date.now() + silenceMs / 10;
    },
  },
];

/** What a poisoned engine says in place of any answer. */
export const POISON = {
  content: '<tool_call>\n<function=\n<function=\n</parameter>\n<parameter',
  reasoning: '',
  calls: [],
  finish: 'stop',
  completionTokens: 14,
};
