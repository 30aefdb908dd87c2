import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { z } from 'zod';
import type { Program } from '../../base/one-script.ts';
import { awakeLimit } from '../../base/wait/awake.ts';
import { EvaluationDisturbed } from './disturbed.ts';
import { earnedMb, residentMb } from './memory.ts';
import { type ProcessOptions, startProcess } from './process.ts';
import type { Ask, ChildAnswer, ChildFailure } from './protocol.ts';

/** One evaluation child, seen from the harness. */
export interface Channel {
  /**
   * Asks, and waits at most `limitMs` of time awake. When that passes or the child dies, it is gone and the answer is a failure.
   * Rejects with EvaluationDisturbed when neither was the child's doing.
   */
  ask(ask: Ask, wallMs: number, limitMs: number): Promise<ChildAnswer>;
  /** A child at rest does not keep the harness from ending. */
  rest(resting: boolean): void;
  /** Ends the child and waits until it has ended; later asks answer with `failure`. */
  end(failure?: ChildFailure): Promise<void>;
}

/** What the child's standard error may hold before the child is ended, and how much of it is kept, in characters. */
const STDERR_LIMIT = 1_000_000;
const STDERR_KEPT = 4_000;
/** An answer is a few megabytes at most; a harness that grows by this while it waits is being flooded. */
const FLOOD_BYTES = 1_000_000_000;
const FLOOD_CHECK_MS = 100;
/** A question that was answered too late is asked again when the machine slept for this share of its time. */
const SLEPT_SHARE = 0.2;

const messageSchema = z.strictObject({
  id: z.number(),
  answer: z.union([
    z.strictObject({ ok: z.literal(true), value: z.unknown() }),
    z.strictObject({
      ok: z.literal(false),
      kind: z.enum(['throw', 'timeout', 'memory', 'leak', 'policy', 'protocol', 'lost']),
      message: z.string().max(1_000),
      place: z.strictObject({ line: z.number(), column: z.number() }).optional(),
    }),
  ]),
});

interface Waiting {
  readonly id: number;
  readonly resolve: (answer: ChildAnswer) => void;
  readonly reject: (thrown: EvaluationDisturbed) => void;
}

/** Starts a child with `program` and speaks with it, one question at a time. Nothing that the candidate does makes it throw. */
export function openChannel(program: Program, options: ProcessOptions): Channel {
  const child = startProcess(options);
  let waiting: Waiting | undefined;
  let dead: ChildFailure | undefined;
  let errors = { length: 0, tail: '' };
  let heldMb = 0;
  let killed = false;
  let disturbed: EvaluationDisturbed | undefined;

  const settle = (answer: ChildAnswer) => {
    const waited = waiting;
    waiting = undefined;
    waited?.resolve(answer);
  };
  const die = (failure: ChildFailure) => {
    dead ??= failure;
    killed = child.kill('SIGKILL') || killed;
    settle(dead);
  };
  /** A SIGKILL that is not ours, for a child that held no more than a child may: somebody else ran out of memory. */
  const wasTaken = (signal: string | undefined) =>
    signal === 'SIGKILL' && !killed && heldMb < earnedMb(options.limits.heapMb, options.windowFiles);
  const end = (failure: ChildFailure, signal: string | undefined) => {
    if (!wasTaken(signal)) return die(failure);
    const held = `while it held ${Math.round(heldMb)} MB`;
    disturbed = new EvaluationDisturbed(
      'killed',
      `the evaluation process was killed from outside ${held}; most likely the machine ran out of memory`,
    );
    dead ??= failure;
    waiting?.reject(disturbed);
    waiting = undefined;
  };
  child.on('message', (message: unknown) => {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success || parsed.data.id !== waiting?.id)
      return die(fail('protocol', 'sent an answer that was not asked for'));
    const { answer } = parsed.data;
    if (answer.ok || answer.kind !== 'lost') return settle(answer as ChildAnswer);
    disturbed = new EvaluationDisturbed('lost', answer.message);
    waiting?.reject(disturbed);
    waiting = undefined;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = {
      length: errors.length + chunk.length,
      tail: (errors.tail + chunk.toString('latin1')).slice(-STDERR_KEPT),
    };
    if (errors.length > STDERR_LIMIT) die(fail('protocol', 'flooded its standard error'));
  });
  const ended = child.then(
    ({ signal, exitCode }) => end(deathOf(signal, exitCode, errors.tail), signal),
    () => die(fail('protocol', 'the evaluation process could not be started')),
  );
  const send = (message: unknown) => void child.send?.(message as object, () => {});
  send(program);

  return {
    ask: (ask, wallMs, limitMs) => {
      if (disturbed) return Promise.reject(disturbed);
      if (dead) return Promise.resolve(dead);
      // Random, so the candidate cannot forge a reply to a request it has not seen.
      const id = randomInt(2 ** 47);
      const started = process.memoryUsage().arrayBuffers;
      const late = awakeLimit(limitMs, () => die(fail('timeout', `no answer within ${wallMs} ms`)));
      const watch = setInterval(() => {
        heldMb = residentMb(child.pid) ?? heldMb;
        const grown = process.memoryUsage().arrayBuffers - started;
        if (grown > FLOOD_BYTES) die(fail('protocol', 'flooded the channel'));
      }, FLOOD_CHECK_MS);
      return new Promise<ChildAnswer>((resolve, reject) => {
        waiting = { id, resolve, reject };
        send({ id, wallMs, ask });
      })
        .then((answer) => {
          if (answer.ok || answer.kind !== 'timeout') return answer;
          // It was broken off where it stood: its bars may be those of another market.
          die(answer);
          // The child's own watch runs by the clock.
          if (late.asleepMs < wallMs * SLEPT_SHARE) return answer;
          disturbed = new EvaluationDisturbed(
            'slept',
            `the machine stood still for ${(late.asleepMs / 1000).toFixed(0)} s during an evaluation`,
          );
          throw disturbed;
        })
        .finally(() => {
          late.clear();
          clearInterval(watch);
        });
    },
    rest: (resting) => {
      const change = resting ? 'unref' : 'ref';
      child[change]();
      child.channel?.[change]();
      (child.stderr as unknown as Socket)[change]();
    },
    end: async (failure = stopped) => {
      die(failure);
      await ended;
    },
  };
}

const stopped = fail('timeout', 'the evaluation was stopped');

function fail(kind: ChildFailure['kind'], message: string): ChildFailure {
  return { ok: false, kind, message };
}

/** V8 ends the process by a trap or an abort when its memory is gone; the kernel's own killer uses SIGKILL. */
function deathOf(signal: string | undefined, exitCode: number | undefined, errors: string): ChildFailure {
  const aborted = signal === 'SIGABRT' || signal === 'SIGTRAP' || signal === 'SIGILL' || signal === 'SIGKILL';
  if (aborted || /out of memory|allocation failed/i.test(errors)) {
    return fail('memory', 'used more memory than an evaluation may');
  }
  return fail('protocol', `the evaluation process ended with ${signal ?? `exit code ${exitCode}`} and no answer`);
}
