import diagnostics from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import { jsonIn } from '../../base/json.ts';
import { retryAfterMs } from '../../base/wait/retry-after.ts';
import type { TrackedRun } from '../tracker.ts';
import { storeArtifact } from './artifact.ts';
import { attach, type Place } from './files.ts';
import { NotUnderstood, Refused } from './refused.ts';

/** What the server says it holds of a run. */
export interface Held {
  readonly digest: string | null;
  readonly rows: number;
  readonly state: string;
  /** Group, job type, tags and notes as `labelsOf` writes them. */
  readonly labels: string;
}

/** What was asked of the server, and what it wants. */
export type Server = ReturnType<typeof openServer>;

const ASKS = 3;
/** How long a server that limits the rate and does not say for how long is left alone. */
const UNTOLD_MS = 30_000;

const HELD = `query RalphHeld($project: String!, $entity: String, $run: String!) {
  project(name: $project, entityName: $entity) { run(name: $run) { historyLineCount summaryMetrics state group jobType tags notes } }
}`;

/** The fields are those of the mutation in the SDK's own source. A field that is left out stays as it is. */
const LABEL = `mutation RalphLabel($project: String, $entity: String, $run: String, $groupName: String, $jobType: String, $tags: [String!], $notes: String, $state: String) {
  upsertBucket(input: { modelName: $project, entityName: $entity, name: $run, groupName: $groupName, jobType: $jobType, tags: $tags, notes: $notes, state: $state }) { bucket { id } }
}`;

/** The mutation behind `alert` of the Python client. */
const ALERT = `mutation RalphAlert($entity: String!, $project: String!, $run: String!, $title: String!, $text: String!) {
  notifyScriptableRunAlert(input: { entityName: $entity, projectName: $project, runName: $run, title: $title, text: $text, severity: INFO }) { success }
}`;

/** An alert of yesterday is no news: a journal that is sent to a new project tells nobody. */
const NEWS_MS = 24 * 3_600_000;

/** Asks the tracking server what arrived, because the SDK never says. */
export function openServer(options: { baseUrl: string; project: string; entity: string; key: string }) {
  let hold = 0;
  let entity = options.entity;
  const limited = (retryAfter: string | null) => {
    hold = Math.max(hold, Date.now() + Math.min(retryAfterMs(retryAfter) ?? UNTOLD_MS, 3_600_000));
  };
  const sdk = watchSdk(limited);

  const query = async (text: string, variables: object): Promise<Record<string, unknown>> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await queryOnce(text, variables);
      } catch (error) {
        // Asking changes nothing at the server, so it is safe to ask again.
        if (attempt === ASKS || !(error instanceof Refused) || !error.passing) throw error;
        await sleep(400 * attempt);
      }
    }
  };

  const queryOnce = async (text: string, variables: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${options.baseUrl}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Basic ${Buffer.from(`api:${options.key}`).toString('base64')}`,
      },
      body: JSON.stringify({ query: text, variables }),
      signal: AbortSignal.timeout(20_000),
    }).catch((error: unknown) => {
      throw new Refused(`the tracking server cannot be reached: ${messageOf((error as Error).cause ?? error)}`, false);
    });
    if (response.status === 429) limited(response.headers.get('retry-after'));
    if (response.status === 401 || response.status === 403)
      throw new Refused(`the tracking server refuses the key (${response.status})`, false);
    if (!response.ok)
      throw new Refused(`the tracking server answered ${response.status}`, false, response.status >= 500);
    const answer = (await response.json()) as { data?: Record<string, unknown>; errors?: { message: string }[] };
    if (!answer.data)
      throw new NotUnderstood(`the tracking server answered: ${answer.errors?.[0]?.message ?? 'nothing'}`, false);
    return answer.data;
  };

  /** The entity the key belongs to, or the configured one. */
  const entityOf = async (): Promise<string> => {
    if (!entity) {
      const { viewer } = (await query('query Viewer { viewer { entity } }', {})) as {
        viewer: { entity: string } | null;
      };
      entity = viewer?.entity ?? '';
      if (!entity) throw new Refused('the key belongs to no entity; set tracking.entity in ralph.yaml', false);
    }
    return entity;
  };
  const place = async (run: string): Promise<Place> => ({ project: options.project, entity: await entityOf(), run });

  return {
    entity: entityOf,
    async ask(id: string): Promise<Held | null> {
      const data = await query(HELD, await place(id));
      const run = (data.project as { run?: Record<string, unknown> | null } | null)?.run;
      if (!run) return null;
      return {
        digest: digestIn(run.summaryMetrics),
        rows: Number(run.historyLineCount ?? 0),
        state: String(run.state),
        labels: labelsOf({ ...run, tags: Array.isArray(run.tags) ? run.tags : [] }),
      };
    },
    /** Sets group, job type, tags and notes, and that a run goes on: the SDK takes all of these and sends none. */
    async label({ id, group, jobType, tags, notes, exitCode }: TrackedRun): Promise<void> {
      const labels = { groupName: group, jobType, tags, notes, ...(exitCode === null && { state: 'running' }) };
      await query(LABEL, { ...(await place(id)), ...labels });
    },
    /** Puts the files of a run beside it. Throws Refused. */
    attach: async (run: TrackedRun, runDir: string) => attach(run, runDir, await place(run.id), query),
    /** Stores the strategy of a keep as an artifact. Throws Refused. */
    store: async (run: TrackedRun, runDir: string) => storeArtifact(run, runDir, await place(run.id), query),
    /** Tells the people who follow the project. What the server does not take is not told again. */
    async tell({ id, alert }: TrackedRun): Promise<void> {
      if (alert === null || Date.now() - alert.at > NEWS_MS) return;
      const { title, text } = alert;
      await query(ALERT, { ...(await place(id)), title, text }).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
      });
    },
    /** Epoch ms until which the server wants to be left alone; 0 for none. */
    holdUntil: () => hold,
    /** How many requests of the SDK were refused or cut off so far. */
    troubles: () => sdk.troubles,
    /** Told when the server refuses the beginning of a run. */
    onRefusal: (listener: () => void) => {
      sdk.onRefusal = listener;
    },
  };
}

/** Group, job type, tags and notes in one text, to compare what is held with what should be. */
export function labelsOf(run: {
  group?: unknown;
  jobType?: unknown;
  tags: readonly unknown[];
  notes?: unknown;
}): string {
  const { group, jobType, tags, notes } = run;
  return JSON.stringify([group ?? '', jobType ?? '', tags.map(String).toSorted(), notes ?? '']);
}

/** Counts failed requests of the SDK through Node's diagnostics channels, because the SDK hides the answers. */
function watchSdk(limited: (retryAfter: string | null) => void): { troubles: number; onRefusal: () => void } {
  const seen = { troubles: 0, onRefusal: () => {} };
  diagnostics.subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as {
      request: { path: string };
      response: { statusCode?: number; headers: Record<string, string | undefined> };
    };
    const status = response.statusCode ?? 0;
    if (status === 429) limited(response.headers['retry-after'] ?? null);
    if (status < 400) return;
    seen.troubles += 1;
    // The SDK waits 20 minutes after a refused run start and hides refused rows.
    if (request.path.endsWith('/graphql')) seen.onRefusal();
  });
  diagnostics.subscribe('http.client.request.error', () => {
    seen.troubles += 1;
  });
  return seen;
}

function digestIn(summary: unknown): string | null {
  const value = typeof summary === 'string' ? jsonIn(summary) : summary;
  const digest = (value as Record<string, unknown> | null | undefined)?.['ralph/digest'];
  return typeof digest === 'string' ? digest : null;
}
