import { existsSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../base/draw/terminal.ts';
import type { EventOf } from '../journal/events.ts';
import type { Journal } from '../journal/journal.ts';
import { stateOf } from '../journal/state/run-state.ts';

/** What the person outside asked for. */
export type Control = ReturnType<typeof watchControl>;

export type Origin = 'page' | 'command';

/** What ended a pause, and where it was asked. */
export interface LetGo {
  readonly request: 'step' | 'resume';
  readonly from: Origin;
}

/** Watches what the person outside asks for: STOP and PAUSE files in the run folder, SIGINT and SIGTERM. */
export function watchControl(runDir: string) {
  const session = new AbortController();
  // By its name: the declarations of the package cannot name the type that is found for it.
  const sessionSignal: AbortSignal = session.signal;
  const wake = new AbortController();
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1;
    wake.abort();
    if (signals === 1) say(`${signal}: stopping at the next step; once more ends the session at once`);
    else session.abort();
  };
  // The program that started it (the demo) has died, so that nothing more is begun.
  const onOrphaned = () => {
    signals += 2;
    wake.abort();
    session.abort();
  };
  process.once('disconnect', onOrphaned);
  process.channel?.unref();
  // A closed terminal is no wish to stop.
  const onHangup = () => say('SIGHUP: the terminal is gone and the run goes on; `npm run ralph -- stop` ends it');
  process.on('SIGHUP', onHangup);
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const stopping = () => (signals > 0 ? 'interrupted' : existsSync(join(runDir, 'STOP')) ? 'stopped' : null);
  const rest = async (ms: number): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end && stopping() === null)
      await sleep(Math.min(500, Math.max(0, end - performance.now())), undefined, { signal: wake.signal }).catch(
        () => {},
      );
  };
  return {
    /** Aborted by a second SIGINT: ends the session, never the journal. */
    session: sessionSignal,
    /** `interrupted` after a signal, `stopped` while a STOP file lies there, else null. */
    stopping,
    /** Sleeps, but not past a request to stop. */
    rest,
    /** Returns at once, or when the PAUSE file is gone, a STEP file lets one cycle through, or a stop was asked for; answers what ended a pause. */
    async whilePaused(onPause: () => void): Promise<LetGo | null> {
      const [pause, step] = [join(runDir, 'PAUSE'), join(runDir, 'STEP')];
      if (!existsSync(pause)) return null;
      onPause();
      while (existsSync(pause) && stopping() === null) {
        if (existsSync(step)) return { request: 'step', from: taken(step) };
        await rest(250);
      }
      return existsSync(pause) ? null : { request: 'resume', from: taken(join(runDir, 'RESUME')) };
    },
    close() {
      process.off('disconnect', onOrphaned);
      process.off('SIGHUP', onHangup);
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/** Where a STOP or PAUSE file was written from, in brackets: ` (from the page)`; empty for the command line. */
export function askedFrom(runDir: string, name: 'STOP' | 'PAUSE'): string {
  return originOf(join(runDir, name)) === 'page' ? ' (from the page)' : '';
}

/** Where such a file was written from; a file that a person made is a command too. */
function originOf(path: string): Origin {
  return existsSync(path) && readFileSync(path, 'utf8').trim() === 'page' ? 'page' : 'command';
}

function taken(path: string): Origin {
  const from = originOf(path);
  rmSync(path, { force: true });
  return from;
}

/** A STOP file asks the run that sees it to end; the next start removes it, because the run was started again. */
export function clearStop(runDir: string): boolean {
  const file = join(runDir, 'STOP');
  if (!existsSync(file)) return false;
  unlinkSync(file);
  return true;
}

/** Returns at once, or when a person lets a held run go on. The journal notes once, for all islands, who held it and who let it go on. */
export async function whilePaused({
  control,
  dir,
  journal,
}: {
  readonly control: Pick<Control, 'whilePaused'>;
  readonly dir: string;
  readonly journal: Journal;
}): Promise<void> {
  const note = (request: EventOf<'run.steered'>['request'], from: EventOf<'run.steered'>['from']) => {
    const held = (stateOf(journal.events).steered ?? 'resume') !== 'resume';
    const known = (request === 'pause' && held) || (request === 'resume' && !held);
    if (!known) journal.append({ type: 'run.steered', request, from });
  };
  const ended = await control.whilePaused(() => {
    say(`paused${askedFrom(dir, 'PAUSE')}: remove the PAUSE file or run \`npm run ralph -- resume\``);
    // Left by a resume of a run that was not at work.
    rmSync(join(dir, 'RESUME'), { force: true });
    note('pause', originOf(join(dir, 'PAUSE')));
  });
  if (ended) note(ended.request, ended.from);
}
