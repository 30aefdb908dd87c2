import { messageOf, RalphError } from '../../base/errors.ts';
import { complete, openClient } from '../client/complete.ts';
import { countTokens, listModels } from '../client/endpoint.ts';
import { faultOf, type ModelFault } from '../client/fault.ts';
import type { Capabilities, Endpoint, Sampling } from '../contract.ts';
import { normalise } from '../history/normalise.ts';
import { buildBody } from '../session/request.ts';
import { classify } from '../turn/classify.ts';
import { ECHO, orderFor } from './instructions.ts';

const SAMPLING: Sampling = { temperature: 0.6, topP: 0.95, topK: 20, maxTokens: 1024, thinking: false };
const TRIES = 4;
const IDLE_MS = 180_000;

/**
 * The short form of the doctor, for the start of a run: is there a server, which model and window, can it call a tool.
 * Answers with the capability record; throws RalphError when the server is not there or cannot call tools at all.
 */
export async function probeServer(endpoint: Endpoint, options: { signal?: AbortSignal } = {}): Promise<Capabilities> {
  const signal = options.signal ?? new AbortController().signal;
  const model = await findModel(endpoint, signal);
  const messages = normalise([], { system: 'You call tools exactly as told.', task: orderFor({ text: 'ready' }) });
  const client = openClient(endpoint);
  let extras = true;
  let failure = 'it answered without a call';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const shape = { extras, tools: 'full', history: 'turns' } as const;
    const body = buildBody(model.id, messages, [ECHO], SAMPLING, shape, {
      seedShift: attempt,
      stream: attempt % 2 === 0,
      cap: SAMPLING.maxTokens,
    });
    try {
      const turn = classify(await complete(client, body, { idleMs: IDLE_MS, signal }), [ECHO]);
      if (turn.calls.some((call) => call.problem === null)) {
        const exact = await countTokens(endpoint, { model: model.id, messages, tools: [] }, signal);
        return {
          model: model.id,
          window: model.window ?? exact?.window ?? undefined,
          tokenize: exact !== null,
          extras,
        };
      }
      failure = `${turn.class}: ${turn.remark ?? 'it answered without a call'}`;
    } catch (thrown) {
      const fault: ModelFault = faultOf(thrown, false);
      if (fault.kind === 'aborted') throw thrown;
      failure = fault.message;
      if (fault.kind === 'extras' || fault.kind === 'refused') extras = false;
    }
  }
  throw new RalphError(
    `the model ${model.id} at ${endpoint.baseUrl} did not call a tool in ${TRIES} tries (last: ${failure.slice(0, 200)})`,
    {
      remedy:
        'Start vLLM with --enable-auto-tool-choice and --tool-call-parser (qwen3_xml for Qwen3-Coder and 3.5+, hermes for Qwen3), see vllm/README.md, then run: npm run doctor',
    },
  );
}

async function findModel(endpoint: Endpoint, signal: AbortSignal): Promise<{ id: string; window: number | null }> {
  let models: Awaited<ReturnType<typeof listModels>>;
  try {
    models = await listModels(endpoint, signal);
  } catch (thrown) {
    const status = (thrown as { status?: number }).status;
    if (status === 401 || status === 403) {
      throw new RalphError(`${endpoint.baseUrl} refuses the key (${status})`, {
        remedy: 'Put the key that the server was started with into RALPH_API_KEY.',
      });
    }
    throw new RalphError(
      `no model server answers at ${endpoint.baseUrl}: ${status ? messageOf(thrown) : faultOf(thrown, false).message}`,
      {
        remedy:
          'Start one with vllm/serve.sh, or name another in config/ralph.yaml or RALPH_BASE_URL (it ends in /v1). Without a GPU: npm run demo, or npm run ralph -- model for a scripted one.',
        cause: thrown,
      },
    );
  }
  const model = endpoint.model ? models.find(({ id }) => id === endpoint.model) : models[0];
  if (model) return model;
  throw new RalphError(
    `${endpoint.baseUrl} does not serve "${endpoint.model}"; it serves: ${models.map(({ id }) => id).join(', ') || 'nothing'}`,
    {
      remedy: 'Set the model in config/ralph.yaml to one of them, or leave it empty to take the first.',
    },
  );
}
