/** What test runners print of the tests that ran, with the count in brackets. */
const COUNTS = [
  /^(?:#|ℹ) pass (\d+)$/gm,
  /\b(\d+) passed\b/g,
  /\b(\d+) passing\b/g,
  /\bRan (\d+) tests? in\b/g,
  /\bOK \((\d+) tests?\)/g,
  /\bTests run: (\d+), Failures: 0, Errors: 0\b/g,
];

/**
 * A regular expression for `guardExpect`, from what a passing guard printed: as many tests as now must have run. Null where nothing in the
 * output says so.
 */
export function expectationOf(said: string): string | null {
  for (const pattern of COUNTS) {
    const found = [...said.matchAll(pattern)].toSorted(([, a], [, b]) => Number(b) - Number(a))[0];
    if (found && Number(found[1]) > 0) return `${escaped(found[0])}(?!\\d)`;
  }
  return /^PASS$/m.test(said) ? '^PASS$' : null;
}

/** What stands at the start of a line or word must stand there again, so that 15 passed is not 5 passed. */
function escaped(text: string): string {
  const plain = text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return /^\w/.test(plain) ? `\\b${plain}` : `^${plain}`;
}
