import { complete } from '../client/complete.ts';
import type { Completion } from '../client/completion.ts';
import { type FaultKind, faultOf } from '../client/fault.ts';
import type { LooseMessage } from '../history/message.ts';
import { normalise } from '../history/normalise.ts';
import { buildBody } from '../session/request.ts';
import { classify, type Judgement } from '../turn/classify.ts';
import type { Patient } from './check.ts';
import { ECHO } from './instructions.ts';

const SYSTEM = 'You are being tested. Call tools exactly as you are told, argument for argument.';
/** A small model on a busy CPU reads its prompt for minutes. */
const IDLE_MS = 280_000;

export interface Heard {
  readonly answer: Completion | null;
  readonly turn: Judgement | null;
  /** Why there is no answer. */
  readonly fault: { readonly kind: FaultKind; readonly message: string } | null;
  readonly milliseconds: number;
}

/** Sends one message, or a whole history, and judges the answer as a session would. Throws only when aborted. */
export async function talk(
  patient: Patient,
  said: string | readonly LooseMessage[],
  options: { thinking?: boolean; stream?: boolean; maxTokens?: number } = {},
): Promise<Heard> {
  const messages = typeof said === 'string' ? [{ role: 'user', content: said }] : said;
  const cap = options.maxTokens ?? 2048;
  const body = buildBody(
    patient.model,
    normalise(messages, { system: SYSTEM, task: 'Begin.' }),
    [ECHO],
    { temperature: 0.6, topP: 0.95, topK: 20, maxTokens: cap, thinking: options.thinking ?? false },
    { extras: patient.record.extras ?? true, tools: 'full', history: 'turns' },
    { seedShift: 0, stream: options.stream ?? patient.record.stream ?? true, cap },
  );
  const began = performance.now();
  try {
    const answer = await complete(patient.client, body, { idleMs: IDLE_MS, signal: patient.signal });
    return { answer, turn: classify(answer, [ECHO]), fault: null, milliseconds: performance.now() - began };
  } catch (thrown) {
    const fault = faultOf(thrown, false);
    if (fault.kind === 'aborted') throw thrown;
    return {
      answer: null,
      turn: null,
      fault: { kind: fault.kind, message: fault.message.slice(0, 160) },
      milliseconds: performance.now() - began,
    };
  }
}

/** The arguments of the calls that could be run. */
export function argumentsOf(heard: Heard): Readonly<Record<string, unknown>>[] {
  return (heard.turn?.calls ?? []).filter((call) => call.problem === null).map((call) => call.args);
}

/** What came instead of what was wanted, in a few words. */
export function outcomeOf({ fault, turn, answer }: Heard): string {
  if (fault) return `${fault.kind}: ${fault.message}`;
  const calls = turn?.calls.map((call) => call.problem ?? JSON.stringify(call.args)).join(' ');
  return `${turn?.class}${turn?.remark ? ` (${turn.remark.slice(0, 100)})` : ''}${calls ? `, ${calls.slice(0, 100)}` : ''}, finish ${answer?.finish}`;
}
