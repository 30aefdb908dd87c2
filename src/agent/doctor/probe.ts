import { messageOf, RalphError } from '../../base/errors.ts';
import { useProxies } from '../../base/network.ts';
import { faultOf } from '../client/fault.ts';
import { identify } from '../client/identify.ts';
import { findModel, ListRefused, NotServed, type ServedModel } from '../client/models.ts';
import type { Capabilities, Endpoint } from '../contract.ts';
import { patientAt } from './check.ts';
import { WINDOW } from './checks/basics.ts';
import { BLOCKS } from './checks/blocks.ts';
import { CALL } from './checks/calls.ts';
import { cureFor } from './cures.ts';
import { waitWhileLoading } from './loading.ts';

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
          'Start one with vllm/serve.sh, or name another in config/ralph.yaml or RALPH_BASE_URL (it ends in /v1). Without a GPU: npm run demo, or npm run ralph -- model for a scripted one.',
        cause: thrown,
      },
    );
  }
}
