import type { RunEvent } from '../../journal/events.ts';
import { digestOf } from '../../tracking/outbox.ts';
import { allTrackedRuns, type TrackedOptions } from '../../tracking/runs.ts';
import type { WandbServer } from './server.ts';

/** Every way in which the server's view of a run differs from its journal; empty when they say the same. */
export function differences(
  server: WandbServer,
  events: readonly RunEvent[],
  place: string,
  options: TrackedOptions = {},
): string[] {
  const expected = allTrackedRuns(events, options);
  const own = new Set(expected.map(({ id }) => `${place}/${id}`));
  const tag = expected.at(-1)?.id.replace(/-search-[0-9a-f]+$/, '') ?? '';
  const strangers = [...server.runs.keys()].filter((id) => id.startsWith(`${place}/${tag}-`) && !own.has(id));
  return [
    ...strangers.map((id) => `${id} is at the server and not in the journal`),
    ...expected.flatMap((run) => {
      const stored = server.runs.get(`${place}/${run.id}`);
      if (!stored) return [`${run.id} is not at the server`];
      const problems: string[] = [];
      if (stored.summary['ralph/digest'] !== digestOf(run)) problems.push(`${run.id} is an older state at the server`);
      if (stored.displayName !== run.name) problems.push(`${run.id} is called ${stored.displayName}`);
      if (stored.history.length !== Math.max(1, run.history.length))
        problems.push(`${run.id} has ${stored.history.length} rows`);
      const state = run.exitCode === null ? 'running' : run.exitCode === 0 ? 'finished' : 'failed';
      for (const name of ['group', 'jobType', 'tags', 'notes'] as const)
        if (JSON.stringify(stored[name]) !== JSON.stringify(run[name])) problems.push(`${run.id} has another ${name}`);
      if (stored.state !== state) problems.push(`${run.id} is ${stored.state}`);
      for (const name of unlike(run.config, stored.config)) problems.push(`${run.id} has another config ${name}`);
      for (const name of unlike(run.summary, stored.summary)) problems.push(`${run.id} has another summary ${name}`);
      for (const [i, row] of run.history.entries())
        for (const name of unlike(
          i === run.history.length - 1 ? summed(row, run.summary) : row,
          stored.history[i] ?? {},
        ))
          problems.push(`${run.id} has another ${name} in row ${i}`);
      return problems;
    }),
  ];
}

/** The last row as it is sent: it carries the summary, which is newer than the row where a long history is thinned. */
function summed(
  row: Readonly<Record<string, unknown>>,
  summary: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, summary[name] ?? value]));
}

/** Names whose values are not what was to be sent; null and nothing are the same to the server. */
function unlike(sent: Readonly<Record<string, unknown>>, stored: Readonly<Record<string, unknown>>): string[] {
  const text = (value: unknown) => JSON.stringify(value ?? null);
  return Object.keys(sent).filter((name) => text(sent[name]) !== text(stored[name]));
}
