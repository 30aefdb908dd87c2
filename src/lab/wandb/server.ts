import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Artifacts, type StoredArtifact } from './artifacts.ts';
import type { Told } from './told.ts';

/** A run as the server keeps it. */
export interface StoredRun {
  displayName: string;
  config: Record<string, unknown>;
  history: Record<string, unknown>[];
  summary: Record<string, unknown>;
  state: 'running' | 'finished' | 'failed';
  group: string;
  jobType: string;
  tags: string[];
  notes: string;
  /** Files beside it, by name. */
  files: Record<string, Buffer>;
  /** What people were told about it. */
  alerts: { readonly title: string; readonly text: string }[];
  /** How often it was begun. */
  upserts: number;
}

/** A request as it came in. */
export interface Asked {
  /** `write` changes something: the beginning of a run, or its rows. */
  readonly does: 'read' | 'write';
  readonly kind: 'graphql' | 'stream' | 'upload';
  /** Name of the run it is about, if any. */
  readonly run: string | undefined;
  /** Whether it says that the run is over. */
  readonly ends: boolean;
  /** Whether it sets group, job type, tags and notes. */
  readonly labels: boolean;
  /** Milliseconds of this process's steady clock. */
  readonly at: number;
  readonly authorization: string;
}

/** What the server should do instead of its work; null lets a request through. `count`: requests of its kind so far. */
export type Trouble = (
  request: Asked,
  count: number,
) => {
  status: number;
  headers?: Record<string, string>;
  /** Close the connection without an answer, after (true) or before doing the work. */
  drop?: 'before' | 'after';
} | null;

export interface WandbServer {
  readonly baseUrl: string;
  readonly runs: Map<string, StoredRun>;
  readonly artifacts: readonly StoredArtifact[];
  readonly requests: Asked[];
  trouble: Trouble;
  close(): Promise<void>;
}

/**
 * The part of the W&B protocol that the SDK and the confirmation speak: Viewer, UpsertBucket, the project/run question, and
 * file_stream with offsets that overwrite. Keeps what a real server would keep, in memory; what it was `told` before, it knows again.
 */
export async function startWandbServer(options: {
  key: string;
  port?: number;
  entity?: string;
  told?: Told;
}): Promise<WandbServer> {
  const { told } = options;
  const runs = new Map<string, StoredRun>();
  const requests: WandbServer['requests'] = [];
  const entity = options.entity ?? 'tester';
  const expected = `Basic ${Buffer.from(`api:${options.key}`).toString('base64')}`;
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const artifacts = new Artifacts(() => self.baseUrl);
  const self: WandbServer = {
    baseUrl: '',
    runs,
    artifacts: artifacts.all,
    requests,
    trouble: () => null,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = request.url ?? '';
    const kind = url === '/graphql' ? 'graphql' : url.startsWith('/storage/') ? 'upload' : 'stream';
    const body = kind === 'upload' ? '' : `${Buffer.concat(chunks)}`;
    const authorization = request.headers.authorization ?? '';
    const asked: Asked = { ...purpose(url, body), kind, at: performance.now(), authorization };
    requests.push(asked);
    const trouble = self.trouble(asked, requests.filter((each) => each.kind === kind).length);
    if (trouble?.drop === 'before') return void request.socket.destroy();
    if (trouble && !trouble.drop) return end(response, trouble.status, {}, trouble.headers);
    // Storage knows the signature in the address, not the key.
    if (kind === 'upload') {
      const content = Buffer.concat(chunks);
      put(url, content);
      told?.upload(url, content);
      return end(response, request.headers['x-signed'] === 'yes' ? 200 : 403, {});
    }
    if (authorization !== expected) return end(response, 401, { errors: [{ message: 'unauthorized' }] });
    const result = work(url, body);
    // After the work, so that a request it stumbles over is not told again, and before the answer, so that nothing answered is lost.
    if (kind === 'stream' || body.includes('mutation')) told?.note(url, body);
    if (trouble?.drop === 'after') return void request.socket.destroy();
    end(response, 200, result);
  }

  function work(url: string, body: string): unknown {
    return url === '/graphql' ? graphql(JSON.parse(body)) : stream(url, JSON.parse(body));
  }

  function graphql({ query, variables }: { query: string; variables: Record<string, string> }): unknown {
    if (query.includes('RalphLabel'))
      return { data: { upsertBucket: label(variables as Record<string, unknown> as Label) } };
    const stored = artifacts.answer(query, variables);
    if (stored) return { data: stored };
    const asked = runs.get(`${variables.entity}/${variables.project}/${variables.run}`);
    if (query.includes('createRunFiles')) return { data: { createRunFiles: addresses(variables) } };
    if (query.includes('notifyScriptableRunAlert')) {
      asked?.alerts.push({ title: variables.title, text: variables.text });
      return { data: { notifyScriptableRunAlert: { success: true } } };
    }
    if (query.includes('RalphFiles')) {
      const edges = Object.entries(asked?.files ?? {}).map(([name, content]) => ({
        node: { name, md5: createHash('md5').update(content).digest('base64') },
      }));
      return { data: { project: { run: { files: { edges } } } } };
    }
    if (query.includes('upsertBucket')) return { data: { upsertBucket: upsert(variables) } };
    if (query.includes('viewer')) return { data: { viewer: { id: '1', entity, flags: '{}', teams: { edges: [] } } } };
    if (!asked) return { data: { project: { run: null } } };
    const { history, summary, displayName: _, config: __, upserts: ___, files: ____, alerts: _____, ...rest } = asked;
    const held = { historyLineCount: history.length, summaryMetrics: JSON.stringify(summary), ...rest };
    return { data: { project: { run: held } } };
  }

  function addresses({ entity, project, run, files }: Record<string, string | string[]>): unknown {
    const place = `${self.baseUrl}/storage/${entity}/${project}/${run}`;
    const named = [files].flat().map((name) => ({ name, uploadUrl: `${place}/${encodeURIComponent(name)}` }));
    return { runID: 'b', uploadHeaders: ['x-signed: yes'], files: named };
  }

  function put(url: string, content: Buffer): void {
    if (url.startsWith('/storage/artifacts/')) artifacts.put(url, content);
    const [, , owner, project, name, file] = url.split('/');
    const run = runs.get(`${owner}/${project}/${name}`);
    if (run) run.files[decodeURIComponent(file)] = content;
  }

  function upsert(given: Record<string, string>): unknown {
    const id = `${given.entity}/${given.project}/${given.name}`;
    const known = runs.get(id);
    const run = known ?? emptyRun();
    run.displayName = given.displayName;
    run.config = JSON.parse(given.config);
    run.state = 'running';
    run.upserts += 1;
    runs.set(id, run);
    const project = { id: 'p', name: given.project, entity: { id: 'e', name: given.entity } };
    return {
      bucket: { id: 'b', name: given.name, displayName: run.displayName, config: given.config, project },
      inserted: !known,
    };
  }

  /** Only the fields that are given change. */
  function label({ groupName, jobType, tags, notes, state, ...place }: Label): unknown {
    const run = runs.get(`${place.entity}/${place.project}/${place.run}`);
    if (!run) return null;
    Object.assign(run, { group: groupName, jobType, tags, notes, ...(state && { state }) });
    return { bucket: { id: 'b' } };
  }

  function stream(url: string, body: Record<string, unknown>): unknown {
    const [, , owner, project, name] = url.split('/');
    const run = runs.get(`${owner}/${project}/${name}`);
    if (!run) return { error: 'no such run' };
    const files = (body.files ?? {}) as Record<string, { offset: number; content: string[] }>;
    const history = files['wandb-history.jsonl'];
    history?.content.forEach((line, index) => {
      run.history[history.offset + index] = JSON.parse(line);
    });
    const summary = files['wandb-summary.json'];
    if (summary) run.summary = JSON.parse(summary.content[0]);
    if (body.complete) run.state = body.exitcode === 0 ? 'finished' : 'failed';
    return { exitcode: null, limits: {} };
  }

  await told?.again(work, put);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return Object.assign(self, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

type Label = Record<'groupName' | 'jobType' | 'notes' | 'entity' | 'project' | 'run', string> & {
  readonly tags: string[];
  readonly state?: StoredRun['state'];
};

function emptyRun(): StoredRun {
  const labels = { group: '', jobType: '', tags: [], notes: '', files: {}, alerts: [] };
  return { displayName: '', config: {}, history: [], summary: {}, state: 'running', upserts: 0, ...labels };
}

function purpose(url: string, body: string): Pick<Asked, 'does' | 'run' | 'ends' | 'labels'> {
  if (url.startsWith('/storage/')) return { does: 'write', run: url.split('/')[4], ends: false, labels: false };
  if (url !== '/graphql')
    return { does: 'write', run: url.split('/')[4], ends: JSON.parse(body).complete === true, labels: false };
  const { query = '', variables = {} } = JSON.parse(body) as { query?: string; variables?: Record<string, string> };
  const rest = { ends: false, labels: query.includes('RalphLabel') };
  return query.includes('upsertBucket')
    ? { does: 'write', run: variables.name ?? variables.run, ...rest }
    : { does: 'read', run: variables.run, ...rest };
}

function end(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}
