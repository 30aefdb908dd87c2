/** What some work gives; undefined where it throws: for what may be missing, damaged or of another kind, and then counts as not there. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
