import type { Endpoint } from '../contract.ts';
import { complete, openClient } from './complete.ts';
import { faultOf } from './fault.ts';

/** A busy server answers one token within this time; /health stays green on one that hangs. */
export const ALIVE_MS = 60_000;

/** True when the engine still makes a token, or at least refuses in words. A server that says nothing is dead. */
export async function isAlive(
  endpoint: Endpoint,
  model: string,
  idleMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const body = { model, messages: [{ role: 'user', content: 'Say: ok' }], max_tokens: 1, stream: false };
  try {
    await complete(openClient(endpoint), body, { idleMs, signal });
    return true;
  } catch (thrown) {
    return !['down', 'stream'].includes(faultOf(thrown, false).kind);
  }
}
