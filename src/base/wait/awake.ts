/** A time limit that leaves out the time in which the machine slept or this process was stopped. */
export type AwakeLimit = ReturnType<typeof awakeLimit>;

/** How often the clock is looked at, at most and at least. */
const TICK_MS = { most: 250, least: 10 };
/** A busy machine may delay a tick by so many tick lengths; what is beyond counts as sleep. */
const LATE = 4;

/** Calls `onEnd` once, after `ms` of time awake, a tick late at most. Monotonic: a clock that is set does not move it. */
export function awakeLimit(ms: number, onEnd: () => void) {
  const tick = Math.min(TICK_MS.most, Math.max(TICK_MS.least, ms / 10));
  let last = performance.now();
  let left = ms;
  let asleepMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const passed = now - last;
    const counted = Math.min(passed, tick * (1 + LATE));
    last = now;
    asleepMs += passed - counted;
    left -= counted;
    if (left > 0) return;
    clearInterval(timer);
    onEnd();
  }, tick);
  return {
    /** Milliseconds that passed while this process stood still. */
    get asleepMs() {
      return asleepMs;
    },
    /** The whole time again from now. */
    restart: () => {
      left = ms;
    },
    clear: () => clearInterval(timer),
  };
}
