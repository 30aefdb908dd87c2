import type { FaultMode } from '../fault-mode.ts';
import { hasCalls } from './markup.ts';

/** Calls with the wrong name, or none where one was demanded. */
export const NAME_FAULTS: readonly FaultMode[] = [
  {
    id: 'F31',
    title: 'invented tool, or a name in other letters',
    when: hasCalls,
    draft: (draft, { random }) => {
      const invented = random() < 0.5;
      return {
        ...draft,
        calls: draft.calls.map((call) => ({ ...call, name: invented ? 'todo_write' : camel(call.name) })),
      };
    },
  },
  {
    id: 'F32',
    title: 'corrupt or missing name',
    when: hasCalls,
    draft: (draft, { random }) => {
      const name = ['runshell command="ls"', '', 'unknown'][Math.floor(random() * 3)];
      return { ...draft, calls: draft.calls.map((call) => ({ ...call, name })) };
    },
  },
  {
    id: 'F33',
    title: 'finish says tool_calls, none came',
    draft: (draft) => ({ ...draft, content: '', calls: [], finish: 'tool_calls' }),
  },
  {
    id: 'F56',
    title: 'numbers drift on mixed cards: babble',
    draft: (draft) => ({ ...draft, content: 'plateau sideways 11 the of which harmonic.', calls: [], finish: 'stop' }),
  },
];

/** TodoWrite for todo_write: the same tool in another spelling. */
function camel(name: string): string {
  return name
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
}
