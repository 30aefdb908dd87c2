import { messageOf } from '../base/errors.ts';
import { listModels } from './client/endpoint.ts';
import { faultOf } from './client/fault.ts';
import type { SessionSpec } from './contract.ts';
import { Patience, pause } from './session/patience.ts';
import type { Stop } from './session/stop.ts';

/** The model to ask and its window in tokens (null: unknown). A server that is still starting is waited for. */
export async function servedModel(
  spec: SessionSpec,
  signal: AbortSignal,
): Promise<{ id: string; window: number | null } | Stop> {
  const named = spec.endpoint.model || spec.capabilities?.model;
  if (named && spec.capabilities?.window) return { id: named, window: spec.capabilities.window };
  const patience = new Patience(spec.limits);
  const began = performance.now();
  for (;;) {
    if (signal.aborted) return { reason: 'aborted', detail: 'aborted by the harness' };
    try {
      const models = await listModels(spec.endpoint, signal);
      const model = named ? models.find(({ id }) => id === named) : models[0];
      if (model) return model;
      if (named && models.length === 0) return { id: named, window: null };
      const names = models.map(({ id }) => id).join(', ') || 'none';
      return {
        reason: 'server_refused',
        detail: `${spec.endpoint.baseUrl} does not serve "${named}"; it serves: ${names}`,
      };
    } catch (thrown) {
      if (signal.aborted) continue;
      const status = (thrown as { status?: number }).status;
      // Not every server lists its models.
      if (status !== undefined && status < 500 && named) return { id: named, window: null };
      if (status !== undefined && status < 500) return { reason: 'server_refused', detail: messageOf(thrown) };
      const wait = patience.next(undefined, spec.limits.wallMs - (performance.now() - began));
      if (wait === null) {
        const why = faultOf(thrown, false).message;
        return { reason: 'server_down', detail: `no answer from ${spec.endpoint.baseUrl}: ${why}` };
      }
      await pause(wait, signal);
    }
  }
}
