import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Proposal } from './proposal.ts';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PORT = 8123;

/**
 * A page that is built into the folder `out`, measured by the performance score of Lighthouse (0 to 1) where the project has the package and
 * this machine a Chromium; otherwise the proposal as it was, with what is missing.
 */
export function withLighthouse(
  built: Proposal,
  { out, installed, editable }: { readonly out: string; readonly installed: boolean; readonly editable: string[] },
): Proposal {
  const [browser, python] = [firstOf(BROWSERS), firstOf(['python3'])];
  const missing = [
    ...(installed ? [] : ['npm install --save-dev lighthouse']),
    ...(browser ? [] : ['a Chromium (Debian: apt install chromium)']),
    ...(python ? [] : ['python3, which serves the page']),
  ];
  if (!browser || missing.length > 0) {
    const note = `for the score of Lighthouse: ${missing.join(', ')}; then remove ralph/ and set up again`;
    return installed || browser ? { ...built, notes: [...built.notes, note] } : built;
  }
  const lighthouse = [
    `CHROME_PATH=${browser} node_modules/.bin/lighthouse http://127.0.0.1:${PORT}/ --quiet --only-categories=performance`,
    '--disable-full-page-screenshot --chrome-flags="--headless --no-sandbox --disable-dev-shm-usage"',
    '--output=json --output-path="$RALPH_RESULT/lighthouse.json"',
  ].join(' ');
  const metric = { json: 'categories.performance.score', file: 'lighthouse.json' };
  return {
    ...built,
    kind: 'web page (Lighthouse)',
    notes: [
      ...built.notes.filter((note) => !note.includes('size')),
      'Lighthouse measures the built page in Chromium, without a network: what the page loads from elsewhere is missing',
    ],
    contract: {
      ...built.contract,
      goal: 'Make the page faster by the performance score of Lighthouse; it does the same.',
      editable,
      score: `python3 -m http.server ${PORT} -b 127.0.0.1 -d ${out} >/dev/null 2>&1 & sleep 1; ${lighthouse}`,
      metrics: { performance: { from: metric, better: 'higher' } },
      primary: 'performance',
      repeats: { least: 6, most: 24 },
      budgetSeconds: 180,
    },
  };
}

/** The path of the first of these programs that is installed. */
function firstOf(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
