import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../base/draw/terminal.ts';
import { messageOf } from '../base/errors.ts';
import { secrets } from '../base/secrets.ts';
import { WorldFault } from '../task/world-fault.ts';
import { journalFault, type Waiting } from './faults.ts';
import type { Restarts } from './run.ts';

/** A command that takes longer is the server itself, and runs on. */
const RETURNS_MS = 60_000;

/** Runs `command` (endpoint.restartCommand); what it prints goes to `restart.log` in the run folder. Journaled before it runs. */
export function openRestarts(command: readonly string[], runDir: string, journal: Waiting['journal']): Restarts {
  let spent = false;
  let running: Promise<boolean> | null = null;
  const tell = (what: string) => {
    say(what);
    journalFault(journal, new WorldFault('model_down', 'the model server', what));
  };
  const run = async (why: string): Promise<boolean> => {
    spent = true;
    tell(`${why}; running endpoint.restartCommand: ${command.join(' ')}`);
    const failed = await outcomeOf(command, join(runDir, 'restart.log'));
    if (failed) tell(`endpoint.restartCommand failed (${failed}); see restart.log in the run folder`);
    running = null;
    return failed === null;
  };
  return {
    restart: async (why) => {
      if (command.length === 0) return false;
      if (!spent) running = run(why);
      return running ?? false;
    },
    answered: () => {
      spent = false;
    },
  };
}

/** What went wrong, or null. */
async function outcomeOf([program, ...args]: readonly string[], log: string): Promise<string | null> {
  const file = openSync(log, 'a');
  // With the keys, since a server may be started with one. A group of its own, since Ctrl-C must not end the server; no pipe, since the server would hold it open.
  const env = { ...process.env, ...secrets() };
  const child = spawn(program, args, { env, stdio: ['ignore', file, file], detached: true });
  child.unref();
  closeSync(file);
  return new Promise((done) => {
    const runsOn = setTimeout(done, RETURNS_MS, null);
    const end = (failed: string | null) => {
      clearTimeout(runsOn);
      done(failed);
    };
    child.once('error', (error) => end(messageOf(error)));
    child.once('exit', (code, signal) => end(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
}
