import { sayWaiting } from '../../base/draw/terminal.ts';
import { EXIT, messageOf, RalphError } from '../../base/errors.ts';
import { useProxies } from '../../base/network.ts';
import { duration } from '../../base/numbers.ts';
import { getPath } from '../client/endpoint.ts';
import { errorInText } from '../client/error-body.ts';
import { faultOf, LOADING } from '../client/fault.ts';
import { findModel, identify, ListRefused, NotServed, type ServedModel } from '../client/identify.ts';
import type { Capabilities, Endpoint } from '../contract.ts';
import { pause } from '../session/patience.ts';
import { patientAt } from './check.ts';
import { WINDOW } from './checks/basics.ts';
import { BLOCKS } from './checks/blocks.ts';
import { CALL } from './checks/calls.ts';
import { cureFor } from './cures.ts';

/**
 * The short form of the doctor, for the start of a run: is there a server, which model and window, does it call tools or write blocks.
 * A server that says it loads its model is waited for. Answers with the capability record; throws RalphError when the server is not there or its model does neither.
 */
export async function probeServer(
  endpoint: Endpoint,
  options: { signal?: AbortSignal; stopping?: () => boolean } = {},
): Promise<Capabilities> {
  const signal = options.signal ?? new AbortController().signal;
  useProxies();
  await waitWhileLoading(endpoint, signal, { stopping: options.stopping });
  const served = await findServed(endpoint, signal);
  const server = await identify(endpoint, served, signal);
  const patient = { ...patientAt(endpoint, signal), model: served.id, record: { model: served.id }, served, server };
  const call = await CALL.run(patient);
  const blocks = await BLOCKS.run(patient);
  await WINDOW.run(patient);
  if (blocks.status !== 'fail') return patient.record;
  throw new RalphError(
    `the model ${served.id} at ${endpoint.baseUrl} neither calls a tool (${call.detail}) nor writes a block of code`,
    { remedy: `It needs ${cureFor(server.kind, 'call', call.cure ?? '')}. Then run: npm run doctor` },
  );
}

async function findServed(endpoint: Endpoint, signal: AbortSignal): Promise<ServedModel> {
  try {
    return await findModel(endpoint, signal);
  } catch (thrown) {
    if (thrown instanceof NotServed)
      throw new RalphError(messageOf(thrown), {
        remedy: 'Set endpoint.model in config/ralph.yaml to one of them, or leave it empty to take the first.',
      });
    const status = thrown instanceof ListRefused ? thrown.status : undefined;
    if (status === 401 || status === 403)
      throw new RalphError(`${endpoint.baseUrl} refuses the key (${status})`, {
        remedy: 'Put the key that the server was started with into RALPH_API_KEY.',
      });
    if (status !== undefined && status < 500)
      throw new RalphError(`${endpoint.baseUrl} lists no models: ${messageOf(thrown)}`, {
        remedy: 'Name the model: endpoint.model in config/ralph.yaml, or RALPH_MODEL.',
      });
    throw new RalphError(
      `no model server answers at ${endpoint.baseUrl}: ${status ? messageOf(thrown) : faultOf(thrown, false).message}`,
      {
        remedy:
          'Start one with vllm/serve.sh, or name another in config/ralph.yaml or RALPH_BASE_URL (it ends in /v1). Without a GPU: npm run ralph -- demo, or npm run ralph -- model for a scripted one.',
        cause: thrown,
      },
    );
  }
}

/** A large model from a slow disk takes minutes. */
const MOST_MS = 15 * 60_000;
const PAUSE_MS = 2000;
/** In a log, a line a minute is enough. */
const LOG_MS = 60_000;

interface LoadingOptions {
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
