import { RalphError, UsageError } from '../../base/errors.ts';
import { writeHint } from '../hint.ts';
import { openHoldout } from '../promote.ts';
import { askRun, type Steering } from '../steer.ts';

/** What a hint or a STOP file says of where it was written. */
const FROM = 'page';

type Body = Readonly<Record<string, unknown>>;

/** Does what a person asked for on the page, as the command of the same name would, and says what comes of it. */
export function actionsOn(dir: string, inbox: string): (name: string, body: Body) => Promise<string> {
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
