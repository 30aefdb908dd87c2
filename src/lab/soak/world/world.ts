import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../../../market/database.ts';
import type { Brain } from '../../server/brain.ts';
import { type ModelServer, startModelServer } from '../../server/serve.ts';
import { startWandbServer, type WandbServer } from '../../wandb/server.ts';
import { openTold } from '../../wandb/told.ts';
import { openLine, withPort } from './line.ts';
import type { Subject } from './subject.ts';

const KEY = 'k'.repeat(40);

/** Everything around a run that can fail: model server, tracking server, database, and the line to the database. */
export interface World {
  readonly wandb: WandbServer;
  /** Environment of a harness in this world; `line`: it reaches the database through a line that can be cut. */
  env(line: boolean): Record<string, string>;
  stopModel(): Promise<void>;
  startModel(): Promise<void>;
  setTracker(up: boolean): void;
  cutLine(): void;
  joinLine(): Promise<void>;
  /** Rows of the table of results, by trial; null where the subject has no database. */
  table(tag: string): Promise<Map<string, string> | null>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly subject: Subject;
  readonly seed: number;
  /** Share of model answers and of tracker requests that go wrong. */
  readonly faults: number;
  readonly answerSeconds: number;
  readonly random: () => number;
  /** Folder for what the tracking server was told: with it the next world goes on. */
  readonly told: string;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const { subject, seed, faults, answerSeconds, random, told } = options;
  const brain: Brain = async (request) => {
    await sleep(answerSeconds * 1000);
    return subject.brain(request);
  };
  const serveModel = (port = 0) => startModelServer({ brain, seed, port, faults: { rate: faults }, silenceMs: 1500 });
  let model: ModelServer = await serveModel();
  const port = Number(new URL(model.baseUrl).port);
  const wandb = await startWandbServer({ key: KEY, told: openTold(told) });
  const flaky = () => (random() < faults ? { status: random() < 0.5 ? 503 : 500 } : null);
  wandb.trouble = flaky;
  // One share in the database for as long as the soak lasts, so that its process is one that grows old.
  const dataDir = subject.database?.replace(/\/db$/, '');
  const open = () => (dataDir === undefined ? Promise.resolve(null) : openDatabase({ dataDir }));
  let database: Database | null = await open();
  const line = database && (await openLine(() => Number(new URL(database?.url ?? 'x://h:1').port)));
  return {
    wandb,
    env: (byLine) => ({
      RALPH_BASE_URL: model.baseUrl,
      WANDB_API_KEY: KEY,
      WANDB_BASE_URL: wandb.baseUrl,
      ...(byLine && database && line ? { DATABASE_URL: withPort(database.url, line.port) } : {}),
    }),
    stopModel: () => model.close(),
    startModel: async () => {
      model = await serveModel(port);
    },
    setTracker: (up) => {
      wandb.trouble = up ? flaky : () => ({ status: 503, drop: 'before' });
    },
    cutLine: () => line?.cut(),
    joinLine: async () => line?.join(),
    table: async (tag) => {
      if (database === null) return null;
      // It may have been killed and be another one now.
      await database.close().catch(() => {});
      database = await open();
      const { rows } = await database!.pool.query('select trial, outcome from ralph.trials where tag = $1', [tag]);
      return new Map(rows.map(({ trial, outcome }) => [trial, outcome]));
    },
    close: async () => {
      await model.close();
      await wandb.close();
      line?.close();
      await database?.close().catch(() => {});
    },
  };
}
