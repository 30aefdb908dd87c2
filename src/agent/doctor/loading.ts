import { EXIT, RalphError } from '../../base/errors.ts';
import { duration } from '../../base/numbers.ts';
import { sayWaiting } from '../../base/terminal.ts';
import { getPath } from '../client/endpoint.ts';
import { errorInText } from '../client/error-body.ts';
import { LOADING } from '../client/fault.ts';
import type { Endpoint } from '../contract.ts';
import { pause } from '../session/patience.ts';

/** A large model from a slow disk takes minutes. */
const MOST_MS = 15 * 60_000;
const PAUSE_MS = 2000;
/** In a log, a line a minute is enough. */
const LOG_MS = 60_000;

export interface LoadingOptions {
  readonly mostMs?: number;
  readonly pauseMs?: number;
  /** Whether the person has asked to stop meanwhile. */
  readonly stopping?: () => boolean;
}

/**
 * Waits while the server answers 503 and says that it loads its model; says for what and how long. Any other answer, or none, is told by
 * whoever asks next. Throws RalphError after `mostMs`, or when it is stopped.
 */
export async function waitWhileLoading(
  endpoint: Endpoint,
  signal: AbortSignal,
  { mostMs = MOST_MS, pauseMs = PAUSE_MS, stopping = () => false }: LoadingOptions = {},
): Promise<void> {
  const began = performance.now();
  let said = Number.NEGATIVE_INFINITY;
  for (;;) {
    const answer = await loadingAnswer(endpoint, signal);
    if (answer === null) return;
    const waited = performance.now() - began;
    if (waited > mostMs)
      throw new RalphError(`${endpoint.baseUrl} still answers 503 "${answer}" after ${duration(waited)}`, {
        remedy: 'See its log for what it loads, and repeat the command when it answers.',
      });
    if (process.stderr.isTTY || waited - said > LOG_MS) {
      said = waited;
      sayWaiting(`waiting for the model server at ${endpoint.baseUrl}, which says "${answer}": ${duration(waited)}`);
    }
    await pause(pauseMs, signal);
    if (stopping())
      throw new RalphError(`stopped while ${endpoint.baseUrl} loads its model`, {
        remedy: 'Repeat the command when it answers: nothing was lost.',
        exitCode: EXIT.interrupted,
      });
  }
}

async function loadingAnswer(endpoint: Endpoint, signal: AbortSignal): Promise<string | null> {
  // llama.cpp lists its models before they are loaded, and others have no /health.
  for (const path of ['/health', '/v1/models']) {
    try {
      const { status, text } = await getPath(endpoint, path, signal);
      const { message } = errorInText(text);
      if (status === 503 && LOADING.test(message)) return message.slice(0, 100);
    } catch {
      return null;
    }
  }
  return null;
}
