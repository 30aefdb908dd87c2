import type { Brain } from './brain.ts';
import type { Quirks } from './quirks.ts';

export interface ModelServerOptions {
  readonly brain: Brain;
  readonly seed: number;
  /** `rate`: share of requests that go wrong, 0..1; `kinds`: ids from the catalogue, all when absent; `limit`: stop after so many. */
  readonly faults?: { readonly rate: number; readonly kinds?: readonly string[]; readonly limit?: number };
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Pace of the stream; absent: as fast as it goes. */
  readonly tokensPerSecond?: number;
  readonly quirks?: Quirks;
  /** How long a hang lasts before the line drops, ms; default 3,000. */
  readonly silenceMs?: number;
}
