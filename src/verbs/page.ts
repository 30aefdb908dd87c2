import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { messageOf, RalphError, UsageError } from '../base/errors.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { cycleFolder } from '../journal/cycle-files.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { lockHolder } from '../journal/lock.ts';
import { type Served, servePage } from '../page/served/server.ts';
import { trialView } from '../page/trial.ts';
import { Follower } from '../tracking/feed.ts';
import { writeHint } from './hint.ts';
import { overviewOf } from './page/overview.ts';
import { tapesOf } from './page/tape.ts';
import { openHoldout } from './promote.ts';
import { askRun, type Steering } from './steer.ts';
import type { Handler } from './table/table.ts';

export interface PageOptions {
  readonly dir: string;
  readonly inbox: string;
  readonly config?: string;
  readonly listen?: string;
  readonly port?: number;
  /** The journal of a harness in this process; without it the journal's file is followed. */
  readonly events?: readonly RunEvent[];
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Serves the page of a run until Ctrl-C, whether the run goes on, was killed, or is over. */
export const page: Handler<'page'> = async ({ tag, config, port, listen, inbox, runs, json }) => {
  const { address, close } = await openPage({ dir: runFolder(runs, tag), inbox, config, listen, port });
  if (!LOOPBACK.includes(listen))
    say(
      `Warning: ${listen} can be reached from other machines. Anyone who has the address can steer the run, and it is not encrypted.`,
    );
  if (json) printJson({ address });
  else print(address);
  // The server does not keep the process alive by itself: this does.
  const alive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(alive);
  await close();
};

/** Serves the page of the run in that folder. */
export function openPage({ dir, inbox, config, listen, port, events }: PageOptions): Promise<Served> {
  const current = events ? () => events : following(join(dir, 'journal.jsonl'));
  const overview = overviewOf({ dir, inbox, config, active: () => events !== undefined || lockHolder(dir) !== null });
  return servePage(
    {
      tag: basename(dir),
      events: current,
      overview,
      trial: (name) => trialView(dir, current(), name),
      tape: tapesOf(dir, config, current),
      transcript: (cycle) => transcriptOf(dir, cycle),
      act: actionsOn(dir, inbox),
    },
    { listen, port },
  );
}

/** The page of a run in this process; one that cannot be served is said and the search goes on. */
export async function pageBeside(dir: string, events: readonly RunEvent[]): Promise<Served | null> {
  try {
    const served = await openPage({ dir, inbox: join(PROJECT_DIR, 'prompts/hints'), events });
    say(`page: ${served.address}`);
    return served;
  } catch (thrown) {
    say(`the page is not served: ${messageOf(thrown)}`);
    return null;
  }
}

/** Reads what was added to the journal at each call, into one list that only grows. */
function following(path: string): () => readonly RunEvent[] {
  const follower = new Follower(path);
  const events: RunEvent[] = [];
  return () => {
    for (const event of follower.read()) events.push(event);
    return events;
  };
}

function transcriptOf(dir: string, cycle: number): string | null {
  const path = join(cycleFolder(dir, cycle), 'transcript.jsonl');
  return Number.isInteger(cycle) && existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** What a hint or a STOP file says of where it was written. */
const FROM = 'page';

type Body = Readonly<Record<string, unknown>>;

/** Does what a person asked for on the page, as the command of the same name would, and says what comes of it. */
function actionsOn(dir: string, inbox: string): (name: string, body: Body) => Promise<string> {
  const steer = (request: Steering) => async () => askRun(dir, request, FROM);
  const actions: Record<string, (body: Body) => Promise<string>> = {
    pause: steer('pause'),
    resume: steer('resume'),
    step: steer('step'),
    stop: steer('stop'),
    hint: async (body) => {
      const priority = Number(body.priority ?? 5);
      const expires = textOf(body, 'expires') || undefined;
      writeHint(inbox, { priority, expires, from: FROM }, textOf(body, 'text'));
      return 'The hint lies in the inbox: the next cycle reads it.';
    },
    drop: async (body) => {
      writeHint(inbox, { drop: textOf(body, 'hint'), from: FROM }, textOf(body, 'why') || 'withdrawn on the page');
      return 'The hint is withdrawn at the next cycle.';
    },
    promote: async (body) => {
      const trial = textOf(body, 'trial');
      if (body.confirm !== trial)
        throw new RalphError('the holdout was not opened: the name of the trial was not confirmed', {
          remedy: 'Type its name once more.',
        });
      return (await openHoldout(dir, trial)).message;
    },
  };
  return async (name, body) => {
    if (Object.hasOwn(actions, name)) return actions[name](body);
    throw new UsageError(`no action "${name.slice(0, 40)}"`, { remedy: 'Reload the page.' });
  };
}

function textOf(body: Body, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value.trim() : '';
}
