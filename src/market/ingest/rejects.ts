import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RalphError } from '../../base/errors.ts';
import type { BadRow } from './read-bars.ts';

/** The bad rows of a file: how many, why, and the first few. */
export class BadRows {
  count = 0;
  readonly samples: BadRow[] = [];
  /** How often each reason was given. */
  readonly reasons = new Map<string, number>();

  add(row: BadRow): void {
    this.count += 1;
    this.reasons.set(row.reason, (this.reasons.get(row.reason) ?? 0) + 1);
    if (this.samples.length < 3) this.samples.push(row);
  }
}

/** The same, and all of them written beside the data: line number, reason, the row as it was. */
export class RejectFile extends BadRows {
  readonly path: string;
  #waiting = ['line\treason\trow\n'];

  constructor(folder: string, source: string, sha256: string) {
    super();
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, `${basename(source)}.${sha256.slice(0, 8)}.rejected.tsv`);
    rmSync(this.path, { force: true });
  }

  override add(row: BadRow): void {
    super.add(row);
    this.#waiting.push(`${row.line}\t${row.reason}\t${row.text.slice(0, 500)}\n`);
    if (this.#waiting.length >= 1000) this.write();
  }

  /** Writes what was added; without a bad row there is no file. */
  write(): void {
    if (this.count > 0) appendFileSync(this.path, this.#waiting.splice(0).join(''));
  }
}

/**
 * Throws when a file has too many bad rows. The advice never leaves out rows that fail for one reason: what they have in common,
 * such as a moving price, would be missing from the market.
 */
export function checkShare(
  { path, maxBadShare }: { path: string; maxBadShare: number },
  good: number,
  bad: BadRows & { readonly path?: string },
) {
  const rows = good + bad.count;
  const share = bad.count / Math.max(1, rows);
  if (rows > 0 && share <= maxBadShare) return;
  if (rows === 0) throw new RalphError(`${path} holds no bars`, { remedy: 'Check the file and --format.' });
  const percent = (value: number) => `${(value * 100).toFixed(2)}%`;
  const reasons = [...bad.reasons].sort((a, b) => b[1] - a[1]);
  const counted = reasons.slice(0, 3).map(([reason, n]) => `${n} × ${reason}`);
  const [sample] = bad.samples;
  throw new RalphError(
    `${path}: ${bad.count} of ${rows} rows are bad (${percent(share)}, allowed ${percent(maxBadShare)}): ${counted.join('; ')}; the first: line ${sample.line}, ${sample.reason}`,
    {
      remedy: `${adviceFor(reasons[0][0])}${bad.path ? ` All of them: ${bad.path}.` : ''} Nothing of the file was taken in.`,
    },
  );
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^open outside/,
    'If the open is the close of the minute before, as on BitMEX, add --open previous-close: it is moved into its bar. If not, check --format.',
  ],
  [/^close outside/, 'The columns stand in another order: check --format, or give --columns.'],
  [/^time goes back/, 'Sort the file by time; a file with its newest bar first is taken as it is.'],
  [/^the same minute twice/, 'Two sources are mixed in the file: take one of them out.'],
  [/^time is not on the minute/, 'These are no bars of whole minutes: make 1-minute bars of them first.'],
  [/^time (is no|lies outside)/, 'Check the times: --columns with unit=s|ms|us|ns|iso, --dates, or --timezone.'],
  [/^(a price is missing|volume is missing)/, 'Check --format, and the decimal mark of the numbers.'],
];

function adviceFor(reason: string): string {
  return ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? 'Correct these rows or check --format.';
}
