import { keepSender, type SenderOptions } from './keeper.ts';
import { openOutbox } from './outbox.ts';
import type { Tracker } from './tracker.ts';

export interface TrackerOptions {
  readonly runDir: string;
  readonly tag: string;
  /** `entity`: empty for the one the key belongs to. */
  readonly config: Pick<SenderOptions, 'project' | 'entity' | 'baseUrl'>;
  /** Read for WANDB_API_KEY and WANDB_BASE_URL alone. */
  readonly env: NodeJS.ProcessEnv;
}

/** Weights & Biases in a process of its own when WANDB_API_KEY is set, else a tracker that does nothing: `track sync` can send everything later. */
export async function openTracker(options: TrackerOptions): Promise<Tracker> {
  const key = options.env.WANDB_API_KEY;
  if (!key) return silentTracker();
  const outbox = openOutbox(options.runDir);
  const baseUrl = (options.env.WANDB_BASE_URL || options.config.baseUrl).replace(/\/+$/, '');
  const { project, entity } = options.config;
  const target = `${baseUrl}/${entity || '(your entity)'}/${project}`;
  const sender = keepSender({ runDir: options.runDir, project, entity, baseUrl, key });
  return {
    enqueue(run) {
      outbox.put(run);
      sender.poke();
    },
    status: () => ({ ...outbox.counts(), lastError: outbox.state().lastError, target }),
    close: (graceMs) => sender.close(graceMs),
  };
}

function silentTracker(): Tracker {
  return {
    enqueue: () => {},
    status: () => ({ pending: 0, failed: 0, delivered: 0, lastError: null, target: 'off: WANDB_API_KEY is not set' }),
    close: async () => {},
  };
}
