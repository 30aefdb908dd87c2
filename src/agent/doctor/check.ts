import type OpenAI from 'openai';
import { openClient } from '../client/complete.ts';
import type { ServedModel, Server } from '../client/identify.ts';
import type { Capabilities, Endpoint } from '../contract.ts';

/** What a check found. `warn`: worth knowing, the harness works around it. */
export type Status = 'pass' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly status: Status;
  /** What was seen, in one line. */
  readonly detail: string;
  /** What it will cost, and the flag or template line that cures it; for warn and fail. */
  readonly cost?: string;
  readonly cure?: string;
}

/** A finding under its check's name. */
export interface CheckResult extends Finding {
  readonly id: string;
  readonly title: string;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  /** After such a failure nothing else can be probed. */
  readonly vital?: true;
  /** Of no use to a model that is asked for blocks. */
  readonly toolsOnly?: true;
  run(patient: Patient): Promise<Finding>;
}

/** The server under examination and what is known of it so far. */
export interface Patient {
  readonly endpoint: Endpoint;
  readonly client: OpenAI;
  readonly signal: AbortSignal;
  model: string;
  /** Filled in by the checks; it switches the session's work-arounds. */
  record: { -readonly [K in keyof Capabilities]: Capabilities[K] };
  served: ServedModel | null;
  server: Server | null;
  /** Tokens a second of the longest answer seen, null before there was one. */
  speed: number | null;
}

/** A server of which nothing is known yet. */
export function patientAt(endpoint: Endpoint, signal: AbortSignal): Patient {
  const client = openClient(endpoint);
  return { endpoint, client, signal, model: endpoint.model, record: {}, served: null, server: null, speed: null };
}

export const pass = (detail: string): Finding => ({ status: 'pass', detail });
export const skip = (detail: string): Finding => ({ status: 'skip', detail });
export const fail = (detail: string, cost: string, cure: string): Finding => ({ status: 'fail', detail, cost, cure });
export const warn = (detail: string, cost: string, cure: string): Finding => ({ status: 'warn', detail, cost, cure });
