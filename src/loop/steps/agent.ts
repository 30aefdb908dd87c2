import type { Capabilities, RunSession } from '../../agent/contract.ts';
import { probeServer } from '../../agent/doctor/probe.ts';
import { externalSession } from '../../agent/external/run.ts';
import { childSessions } from '../../agent/spawn.ts';
import { chooseWire } from '../../agent/wire.ts';
import { say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import { secret } from '../../base/secrets.ts';
import type { Islands } from '../../fleet/island/run.ts';
import type { RunEvent } from '../../journal/events.ts';
import type { Task } from '../../task/task.ts';
import type { RalphConfig } from '../config.ts';
import type { Control } from '../control.ts';

/** What the model server can do, from a short probe; undefined where no server is asked. Throws RalphError when it cannot carry a run. */
export async function capabilitiesOf(
  { agent, endpoint, session }: RalphConfig,
  apiKey: string,
  { session: signal, stopping }: Control,
): Promise<Capabilities | undefined> {
  if (agent !== 'builtin') return undefined;
  const probes = await probeServer({ ...endpoint, apiKey }, { signal, stopping: () => stopping() !== null });
  if (session.wire === 'tools' && probes.calls === false)
    throw new RalphError(`the model ${probes.model} at ${endpoint.baseUrl} answered, but called no tool`, {
      remedy:
        'Set session.wire to auto or blocks in config/ralph.yaml, or start the server with tool calls: npm run doctor says how.',
    });
  const { wire, why } = chooseWire(session.wire, probes);
  if (wire === 'blocks') say(`wire blocks: ${why}`);
  return probes;
}

/** Lets islands hold the sessions of a run. No code of the queue is loaded without them. */
export async function islandsOf(
  { agent, fleet, endpoint }: RalphConfig,
  runDir: string,
  { stopping }: Control,
): Promise<Islands> {
  if (agent !== 'builtin')
    throw new RalphError('islands hold sessions of the built-in agent alone (fleet.sessions)', {
      remedy: 'Set agent: builtin, or fleet: { sessions: here }, in config/ralph.yaml.',
      exitCode: EXIT.usage,
    });
  const { openIslands } = await import('../../fleet/island/run.ts');
  return openIslands({
    url: secret('DATABASE_URL'),
    schema: fleet.schema,
    runDir,
    model: endpoint.model,
    stopping: () => stopping() !== null,
  });
}

/** Who holds the sessions of a run: the built-in agent in a child process, a program of the user's, or a baseline that needs no model. */
export function sessionKind(
  { agent, trialsPerCycle }: RalphConfig,
  task: Task,
  run: { seed: number; events: () => readonly RunEvent[] },
): { readonly run: RunSession; close(): void } {
  const close = () => {};
  if (agent === 'builtin') return childSessions();
  if ('command' in agent) return { run: externalSession(agent.command, task.secretFolders), close };
  const session = task.baseline?.(agent.proposer, { ...run, trialsPerCycle });
  if (session) return { run: session, close };
  throw new RalphError(`the task ${task.name} has no baseline "${agent.proposer}"`, {
    remedy: 'Set agent: builtin in config/ralph.yaml.',
    exitCode: EXIT.usage,
  });
}
