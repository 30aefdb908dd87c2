/** What `make` answered for the last key. */
export function remembered<A extends unknown[], V>(make: (...args: A) => V): (key: string, ...args: A) => V {
  let known: { key: string; value: V } | undefined;
  return (key, ...args) => {
    if (known?.key !== key) known = { key, value: make(...args) };
    return known.value;
  };
}

/** Other runs on the same data spend as well: they are asked for again after this time, ms. */
const AGAIN = 30_000;

/**
 * The last answer of a question that takes a while, null before there is one. It is asked again when the key changes, and now and then where
 * there was an answer. `ask` tells the user of its failures itself.
 */
export function askedAgain<A extends unknown[], V>(ask: (...args: A) => Promise<V | null>) {
  let answer: V | null = null;
  let [known, at, busy] = ['', 0, false];
  return (key: string, ...args: A): V | null => {
    const due = known !== key || (answer !== null && Date.now() - at > AGAIN);
    if (due && !busy) {
      [known, at, busy] = [key, Date.now(), true];
      void ask(...args)
        .catch(() => null)
        .then((found) => {
          [answer, busy] = [found, false];
        });
    }
    return answer;
  };
}
