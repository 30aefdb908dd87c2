import type { Brain } from '../server/brain.ts';

/** An answer of a real model on the blocks wire, as it came, and what it was asked for. */
export interface Recorded {
  readonly ask: BlocksAsk;
  readonly family: string;
  readonly content: string;
}
export type BlocksAsk = 'hypothesis' | 'strategy' | 'decide' | 'change';

/** What a request of the blocks wire asks for; null where it asks for none of them, as on the tools wire. */
export function askOf(request: string): BlocksAsk | null {
  const order = request.trim().split('\n').at(-1) ?? '';
  if (/```text block of two lines/.test(order)) return 'hypothesis';
  if (/changed `decide`/.test(order)) return 'change';
  if (/`decide`/.test(order)) return 'decide';
  return /whole strategy/.test(order) ? 'strategy' : null;
}

/** Plays recorded answers in order, each where one of its kind is asked for; parts of a strategy fit its family, so those come first. */
export function recordedModel(answers: readonly Recorded[]): Brain {
  const played = new Map<Recorded, number>();
  return ({ messages }) => {
    const request = String(messages.at(-1)?.content ?? '');
    const ask = askOf(request);
    if (ask === null) return { content: 'I call the tool now.', calls: [] };
    const family = /^Family: (.*)$/m.exec(request)?.[1];
    const whole = ask === 'strategy';
    const rank = (each: Recorded) => (played.get(each) ?? 0) * 2 + (whole || each.family === family ? 0 : 1);
    const [next] = answers.filter((each) => each.ask === ask).sort((a, b) => rank(a) - rank(b));
    played.set(next, (played.get(next) ?? 0) + 1);
    return { content: next.content, calls: [] };
  };
}
