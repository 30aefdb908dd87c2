import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CallTool, SessionEnd, SessionEndReason, SessionSpec, TranscriptEntry } from '../../agent/contract.ts';
import { NO_TURNS } from '../../agent/no-turns.ts';
import { chooseWire } from '../../agent/wire.ts';
import { messageOf, RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { replaceFile, syncFile, textAt } from '../../base/files.ts';
import { cycleFolder } from '../../journal/cycle-files.ts';
import type { EventOf, RalphEvent, RunEvent } from '../../journal/events.ts';
import { cycleAt } from '../../journal/state/run-state.ts';
import type { Directive } from '../../search/directive/directive.ts';
import { programText } from '../../search/directive/program.ts';
import type { Brief, Cycle } from '../../task/task.ts';
import { text } from '../../task/tools/tool.ts';
import { type FaultClass, WorldFault } from '../../task/world-fault.ts';
import { journalFault, withFaults } from '../faults.ts';
import type { Run } from '../run.ts';
import { finishTrials, runTrials } from './trials.ts';

/** What a session was told to do; `events` is its own view of the journal for the brief, absent once the brief is written. */
export interface Told {
  readonly directive: Directive;
  readonly nudge: number | null;
  readonly events?: readonly RunEvent[];
}

/** What the task's tools and brief see of a cycle. */
export function openCycle(run: Run, id: number, { directive, nudge, events }: Told): Cycle {
  const folder = cycleFolder(run.dir, id);
  mkdirSync(folder, { recursive: true });
  return {
    id,
    directive,
    nudge,
    runDir: run.dir,
    get program() {
      return programText(run.journal.events, run.objects);
    },
    seen: events ?? run.journal.events,
    get events() {
      return run.journal.events;
    },
    runTrials: (submissions, signal) => runTrials(run, id, submissions, signal),
    returnsOf: (trial) => run.returns.get(trial) ?? new Float64Array(),
    whenFree: (step) => run.evaluating(step),
    readFile: (name) => textAt(join(folder, name)),
    writeFile: (name, content) => replaceFile(join(folder, name), content),
    trialsLeft: () => run.config.trialsPerCycle - (cycleAt(run.journal.events, id)?.trials.length ?? 0),
    record: (event) => run.journal.append(event as unknown as RalphEvent),
  };
}

/**
 * One fresh agent session in a process of its own, journaled when it ends. Faults of the world are waited out while
 * nothing was spent. A session that lost its harness, or failed, after a trial was charged is not held again: what it
 * charged is evaluated and judged. Returns false when a person ended it before it spent anything.
 */
export async function holdSession(
  run: Run,
  cycle: Cycle,
  started: EventOf<'cycle.started'>,
  brief: Brief,
): Promise<boolean> {
  return withFaults(run, 'the agent session', async () => {
    const charged = () => cycleAt(run.journal.events, cycle.id)!.trials.length > 0;
    if (charged()) {
      await finishTrials(run, cycle.id);
      endSession(run, cycle.id, interrupted, '');
      return true;
    }
    let summary = '';
    const { callTool, settled } = toolRunner(run, cycle, (text) => {
      summary = text;
    });
    const transcript = openTranscript(join(cycleFolder(run.dir, cycle.id), 'transcript.jsonl'));
    const signal = AbortSignal.any([run.control.session, transcript.broken]);
    const blocks = run.task.blocks?.(cycle, callTool);
    const end = await run.runSession(specOf(run, cycle, started, brief, blocks?.system), {
      callTool,
      drive: blocks?.drive,
      restart: run.restarts.restart,
      onEntry: (entry) => {
        if (entry.kind === 'turn') run.restarts.answered();
        transcript.add(entry);
      },
      signal,
    });
    transcript.keep();
    // The call of a killed session runs on, and its trial counts in this cycle.
    await settled();
    if (!charged() && end.reason === 'aborted') return false;
    const fault = faultOfEnd(end);
    if (fault?.class === 'model_down') await run.restarts.restart(fault.message);
    if (!charged() && fault) throw fault;
    // What it charged is judged; the fault is told and costs nothing.
    if (fault) journalFault(run.journal, fault);
    endSession(run, cycle.id, end, summary);
    return true;
  });
}

/**
 * Lines of a session as they come. A line that cannot be written ends the session; `keep` then throws why, else it returns when all of
 * them are on the disk: whatever the journal says of a session, its transcript shows.
 */
function openTranscript(path: string): { add(entry: TranscriptEntry): void; broken: AbortSignal; keep(): void } {
  const broken = new AbortController();
  return {
    broken: broken.signal,
    add(entry) {
      try {
        appendFileSync(path, `${JSON.stringify(entry)}\n`);
      } catch (thrown) {
        broken.abort(thrown);
      }
    },
    keep() {
      broken.signal.throwIfAborted();
      if (existsSync(path)) syncFile(path);
    },
  };
}

const FAULT_OF_END: Partial<Record<SessionEndReason, FaultClass>> = {
  server_down: 'model_down',
  server_refused: 'model_refused',
  crashed: 'agent_crashed',
  killed: 'out_of_memory',
};

function faultOfEnd({ reason, detail }: SessionEnd): WorldFault | null {
  const fault = FAULT_OF_END[reason];
  return fault ? new WorldFault(fault, 'the agent session', detail) : null;
}

const interrupted = {
  ...NO_TURNS,
  reason: 'interrupted',
  detail: 'the harness or the world ended the session; its trials are judged as they stand',
};

function endSession(
  run: Run,
  cycle: number,
  end: Omit<SessionEnd, 'reason'> & { reason: string },
  summary: string,
): void {
  failpoint('loop.session.before');
  run.journal.append({
    type: 'session.ended',
    cycle,
    ...end,
    classes: { ...end.classes } as Record<string, number>,
    recoveries: { ...end.recoveries } as Record<string, number>,
    advice: end.advice ?? [],
    summary,
  });
  failpoint('loop.session.after');
}

function specOf(
  run: Run,
  cycle: Cycle,
  started: EventOf<'cycle.started'>,
  brief: Brief,
  blocksSystem: string | undefined,
): SessionSpec {
  const { session, endpoint, sampling } = run.config;
  const tools = run.task.tools.filter(({ useful }) => useful?.(cycle) ?? true);
  const { wire, falls } = chooseWire(session.wire, run.capabilities);
  const phase = started.directive === 'fix' || started.directive === 'patch' ? sampling.refine : sampling.new;
  return {
    id: `${run.tag}-${String(started.cycle).padStart(4, '0')}`,
    // Each of several sessions at once has its island, a single one after the other takes turns.
    number: (started.island ?? started.cycle - 1) + 1,
    endpoint: { baseUrl: endpoint.baseUrl, model: endpoint.model, apiKey: run.apiKey },
    sampling: { ...phase, ...started.sampling },
    limits: {
      turns: session.turns,
      tokens: session.tokens,
      wallMs: session.wallMinutes * 60_000,
      idleMs: session.idleSeconds * 1000,
      contextTokens: session.contextTokens,
    },
    system: brief.system,
    task: brief.task,
    capabilities: run.capabilities,
    wire: wire === 'blocks' && blocksSystem === undefined ? 'tools' : wire,
    blocksSystem: wire === 'blocks' || falls ? blocksSystem : undefined,
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
  };
}

/** Bad arguments and refused requests are answers for the model; a fault or a bug is not, and ends the session. */
function toolRunner(
  run: Run,
  cycle: Cycle,
  onFinal: (summary: string) => void,
): { callTool: CallTool; settled(): Promise<unknown> } {
  const tools = new Map(run.task.tools.map((tool) => [tool.name, tool]));
  const answer: CallTool = async (name, args, signal) => {
    const tool = tools.get(name);
    if (!tool) return { ok: false, content: `No tool ${name}. Tools: ${[...tools.keys()].join(', ')}.` };
    try {
      const result = await tool.run(args, cycle, signal);
      if (result.final) onFinal(text(args, 'summary'));
      return result;
    } catch (thrown) {
      if (thrown instanceof RalphError) return { ok: false, content: `${messageOf(thrown)} ${thrown.remedy}` };
      throw thrown;
    }
  };
  const running = new Set<Promise<unknown>>();
  return {
    callTool: (name, args, signal) => {
      const answering = answer(name, args, signal);
      running.add(answering);
      return answering;
    },
    settled: () => Promise.allSettled(running),
  };
}
