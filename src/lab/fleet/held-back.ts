import type { Brain } from '../server/brain.ts';

/** A model whose first answer in a session waits until that session is released, so that something can be done to it meanwhile. */
export function heldBack(brain: Brain) {
  const seeds: unknown[] = [];
  const asked = new Map<number, number>();
  const gates = new Map<number, PromiseWithResolvers<void>>();
  const gateOf = (number: number) => {
    const gate = gates.get(number) ?? Promise.withResolvers<void>();
    gates.set(number, gate);
    return gate;
  };
  const held: Brain = async (request) => {
    const { messages, tools, settings } = request;
    const first = !messages.some(({ role }) => role === 'assistant') && tools.length > 0;
    if (first && settings.seed !== undefined) {
      if (!seeds.includes(settings.seed)) seeds.push(settings.seed);
      const number = seeds.indexOf(settings.seed) + 1;
      asked.set(number, (asked.get(number) ?? 0) + 1);
      await gateOf(number).promise;
    }
    return brain(request);
  };
  return {
    brain: held,
    /** How often the session of this number began; numbers in the order in which they were first asked. */
    asked: (number: number) => asked.get(number) ?? 0,
    release: (number: number) => gateOf(number).resolve(),
  };
}
