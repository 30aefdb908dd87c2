/** What stands in an export beside its numbers. */
export function exportReadme(about: {
  readonly trial: string;
  readonly candidate: string;
  readonly hypothesis: string;
  readonly outcome: string | null;
  readonly n: number;
  readonly equityFingerprint: string | null;
  readonly windows: readonly { symbol: string; window: string; from: string; to: string; bars: number }[];
}): string {
  const { trial, candidate, hypothesis, outcome, n, equityFingerprint, windows } = about;
  const rows = windows.map((each) => `| ${each.symbol} | ${each.window} | ${each.from} | ${each.to} | ${each.bars} |`);
  return `# ${candidate}

Trial ${trial}: **${outcome ?? 'unfinished'}**, after ${n} trials on these data. ${hypothesis}

| symbol | window | from | to (excluded) | bars |
|---|---|---|---|---|
${rows.join('\n')}

| file | what |
|---|---|
| \`candidate/\` | the strategy and its YAML, as they were judged |
| \`trial.json\` | parameters, metrics, windows, the versions of engine, data, gates and costs |
| \`gates.csv\` | every gate with its value and threshold; those of held-back folds are empty until the holdout has been opened |
| \`trades.csv\`, \`daily-returns.csv\` | the train window at normal costs; QuantStats and pandas read the second |
| \`config/\` | gates, windows, costs and settings of the run |
| \`run/\` | the run's journal, and the objects that judging this trial reads |
| \`LICENSE\` | the licence of Ralph |

## How to check it

The bars are not here. In a checkout of Ralph with the same bars in its database (\`npm run ralph -- data ingest FILES\`; the table above says which days):

    npm run ralph -- reproduce --from FOLDER

\`FOLDER\` is this folder. It evaluates the candidate again, with the N and the rivals that it had, and exits with 0 when the verdict and the equity curve are
the same, byte for byte${equityFingerprint === null ? '' : ` (fingerprint \`${equityFingerprint}\`)`}. Otherwise it names what differs: \`engine\` is another
version of Ralph, \`data\` other bars.
`;
}
