import type { Capabilities } from '../../agent/contract.ts';
import { readSeen } from '../run/state.ts';
import type { Server } from '../server/connect.ts';
import { forgetSilent, type Present, presentIn } from '../server/present.ts';
import { islandQueue } from './letters.ts';

/** What a run under way knows of its islands: `islands.json` in its folder, written every few seconds, for `status` and the page. */
export interface IslandState {
  /** Epoch ms UTC. */
  readonly at: number;
  readonly code: string;
  readonly model: string;
  readonly islands: readonly Omit<Island, 'capabilities'>[];
  /** Sessions that are held, and by whom; without a name where none is there. */
  readonly held: readonly { readonly session: string; readonly name: string | null }[];
}

/** Whether an island may hold sessions of a run: the same code, the same model. */
export function serves({ code, model }: Pick<Island, 'code' | 'model'>, run: Pick<IslandState, 'code' | 'model'>) {
  return code === run.code && model === run.model;
}

/** Why no session can be held; null where one can. */
export function whyNone(state: Pick<IslandState, 'code' | 'model' | 'islands'>): string | null {
  const { islands, model, code } = state;
  if (islands.some((island) => serves(island, state))) return null;
  const [other] = islands;
  if (!other)
    return 'no island is there: start `ralph island` where a model server is, with the DATABASE_URL of the run';
  return other.code === code
    ? `island ${other.name} has the model ${other.model}, and the run has ${model}: set endpoint.model there`
    : `island ${other.name} has other code (${other.code.slice(0, 12)}, expected ${code.slice(0, 12)}): bring it to the commit of the run`;
}

/** For people, a line each. */
export function islandLines(state: IslandState): string[] {
  const waiting = state.held.filter(({ name }) => name === null).map(({ session }) => session);
  const why = waiting.length > 0 ? whyNone(state) : null;
  return [
    ...(why === null ? [] : [`STUCK: ${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'}, and ${why}`]),
    ...state.islands.map((island) => {
      const { name, version, model, sessions, busy, held, lost, load } = island;
      const own = state.held.filter((each) => each.name === name).map(({ session }) => session);
      const at = own.length > 0 ? ` (${own.join(', ')})` : '';
      const fits = serves(island, state) ? '' : '; it holds no session of this run: other code or another model';
      return `island ${name} (${version}): ${model}, ${busy} of ${sessions} busy${at}, ${held} held, ${lost} lost, load ${load.toFixed(1)}${fits}`;
    }),
  ];
}

/** What the run last wrote; null where it holds its sessions itself, or has ended. */
export function readIslandState(runDir: string, now = Date.now()): IslandState | null {
  return readSeen<IslandState>(runDir, 'islands.json', now);
}

/** An island as the run sees it. */
export interface Island extends Present {
  readonly island: string;
  /** Of the code that holds sessions. */
  readonly code: string;
  readonly model: string;
  readonly capabilities: Capabilities;
  /** Sessions that it holds at once. */
  readonly sessions: number;
  /** Sessions that it held to their end, and that it lost. */
  readonly held: number;
  readonly lost: number;
}

/** Those that are there, in the order of their names. */
export async function livingIslands(server: Server): Promise<Island[]> {
  const columns = ['code', 'model', 'capabilities', 'sessions', 'held', 'lost'] as const;
  return presentIn<Island>(server, 'islands', 'island', columns);
}

/** Removes islands that were silent for long, and their queues. */
export async function forgetIslands(server: Server): Promise<void> {
  await forgetSilent<Island>(server, 'islands', ['island', 'code'], ({ island, code }) => islandQueue(code, island));
}

/** The island of a session: by its number, busy or idle. Undefined where none is there. */
export function islandFor(islands: readonly Island[], number: number): Island | undefined {
  return islands[(number - 1) % islands.length];
}
