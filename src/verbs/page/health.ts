import type { EventOf } from '../../journal/events.ts';
import type { RunState } from '../../journal/state/run-state.ts';
import type { Health } from '../../page/view.ts';

/** Sessions that the speed and the cache are taken over. */
const LAST_SESSIONS = 20;

/** How the model and its server did, over the run and over the last sessions. */
export function healthOf({ cycles, model, tokens }: RunState): Health {
  const sessions = cycles
    .slice(-LAST_SESSIONS)
    .flatMap(({ session }) => (session && session.turns > 0 ? [session] : []));
  const sum = (of: (session: EventOf<'session.ended'>) => number) =>
    sessions.reduce((total, session) => total + of(session), 0);
  const seconds = sum((session) => session.seconds);
  const prompt = sum(({ promptTokens }) => promptTokens);
  const lost = Object.entries(model.turns).filter(([name]) => !name.startsWith('OK_'));
  return {
    wire: sessions.at(-1)?.wire ?? null,
    turns: Object.values(model.turns).reduce((total, count) => total + count, 0),
    lost: Object.fromEntries(lost),
    recoveries: model.recoveries,
    tokensPerSecond: seconds > 0 ? sum(({ completionTokens }) => completionTokens) / seconds : null,
    cache: prompt > 0 ? sum(({ prefixShare, promptTokens }) => prefixShare * promptTokens) / prompt : null,
    tokens,
    advice: model.advice.slice(0, 5),
  };
}
