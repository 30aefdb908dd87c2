import { messageOf } from '../base/errors.ts';
import { faultOf } from './client/fault.ts';
import { identify } from './client/identify.ts';
import { findModel, ListRefused, NotServed } from './client/models.ts';
import type { SessionSpec } from './contract.ts';
import { Patience, pause } from './session/patience.ts';
import { ABORTED, type Served, type Stop } from './session/surroundings.ts';

/** The model to ask. A server that is still starting is waited for. */
export async function servedModel(spec: SessionSpec, signal: AbortSignal): Promise<Served | Stop> {
  const named = spec.endpoint.model || spec.capabilities?.model || '';
  if (named && spec.capabilities?.window) return { id: named, window: spec.capabilities.window };
  const endpoint = { ...spec.endpoint, model: named };
  const patience = new Patience(spec.limits);
  const began = performance.now();
  for (;;) {
    if (signal.aborted) return ABORTED;
    try {
      const model = await findModel(endpoint, signal);
      return { id: model.id, window: model.window ?? (await identify(endpoint, model, signal)).window };
    } catch (thrown) {
      if (signal.aborted) continue;
      if (thrown instanceof NotServed || (thrown instanceof ListRefused && thrown.status < 500))
        return { reason: 'server_refused', detail: messageOf(thrown) };
      const wait = patience.next(undefined, spec.limits.wallMs - (performance.now() - began));
      if (wait === null) {
        const why = faultOf(thrown, false).message;
        return { reason: 'server_down', detail: `no answer from ${spec.endpoint.baseUrl}: ${why}` };
      }
      await pause(wait, signal);
    }
  }
}
