import type { Wire } from '../chunks.ts';
import type { FaultMode } from '../fault-mode.ts';
import { hasCalls } from './markup.ts';

const streamed: FaultMode['when'] = (_, { stream }) => stream;

const ENGINE_ERROR = {
  error: {
    message: 'EngineCore encountered an issue. See stack trace (above) for the root cause.',
    type: 'InternalServerError',
    code: 500,
  },
};
const INDEX_ERROR = { error: { message: 'list index out of range', type: 'InternalServerError', code: 500 } };

interface Delta {
  tool_calls?: { index?: number; id?: string; function: object }[];
}

/** Streams that break, stall or number their pieces wrongly. */
export const STREAM_FAULTS: readonly FaultMode[] = [
  {
    id: 'F05',
    title: 'literal tag in prose swallows the rest',
    when: streamed,
    draft: () => ({ reasoning: '', content: 'The markup is like ', calls: [], finish: 'stop', completionTokens: 136 }),
    stream: (wires, { silenceMs }) => [...wires.slice(0, 2), { waitMs: silenceMs / 20 }, ...wires.slice(2)],
  },
  {
    id: 'F35',
    title: 'parallel calls under one index, or no index at all',
    when: (draft, { stream }) => stream && hasCalls(draft),
    stream: (wires) =>
      wires.map((wire) =>
        mapDelta(wire, (delta) => ({ ...delta, tool_calls: delta.tool_calls?.map((call) => ({ ...call, index: 0 })) })),
      ),
  },
  {
    id: 'F36',
    title: 'parser throws in the stream',
    when: streamed,
    stream: (wires) => [...firstPart(wires), { json: INDEX_ERROR }, { raw: '[DONE]' }],
  },
  {
    id: 'F38',
    title: 'null deltas, null choices, null calls',
    when: streamed,
    stream: (wires) => {
      const odd: Wire[] = [
        { json: { choices: null } },
        { json: { choices: [{ index: 0, delta: null }] } },
        { json: {} },
        { json: { choices: [{ delta: { content: null, tool_calls: [null] } }], usage: null } },
      ];
      return wires.flatMap((wire, i) =>
        i > 0 && i % 3 === 0 && i < wires.length - 1 ? [odd[(i / 3) % odd.length], wire] : [wire],
      );
    },
  },
  {
    id: 'F39',
    title: 'error inside a 200 stream',
    when: streamed,
    stream: (wires) => [...firstPart(wires), { json: ENGINE_ERROR }, { raw: '[DONE]' }],
  },
  {
    id: 'F40',
    title: 'stream ends without a finish',
    when: streamed,
    stream: (wires, { random }) => [...firstPart(wires), ...(random() < 0.5 ? [{ cut: true } as const] : [])],
  },
];

/** Up to somewhere before the finish, a call half sent among it. */
function firstPart(wires: readonly Wire[]): Wire[] {
  return wires.slice(0, Math.max(2, Math.floor(wires.length * 0.6)));
}

function mapDelta(wire: Wire, change: (delta: Delta) => Delta): Wire {
  if (!('json' in wire)) return wire;
  const chunk = wire.json as { choices: { delta: Delta }[] };
  if (!chunk.choices[0]?.delta?.tool_calls) return wire;
  return { json: { ...chunk, choices: [{ ...chunk.choices[0], delta: change(chunk.choices[0].delta) }] } };
}
