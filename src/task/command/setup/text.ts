import { stringify } from 'yaml';
import type { Contract } from '../contract/contract.ts';

/** What each key means, as the comment above it says. */
const ABOUT: Record<keyof Contract, string> = {
  goal: 'What to aim for, in a sentence for the model.',
  editable:
    'Globs: the files that the agent may change, as they stand in the last commit. Paths are relative to the folder that holds ralph/.',
  readOnly:
    'Globs: what may never change. `**` is every tracked file that is not editable; any other glob takes its files out of editable.',
  hidden:
    'Globs: files that only `score` sees, such as the answers of a test set. Neither the agent nor the measured code can read them.',
  carry: 'Paths that git ignores and that are copied from your checkout, such as node_modules or .venv.',
  setup: 'Run once for each run in a fresh copy of the commit: what installs things.',
  build: 'Run once for each change, not timed. What it writes is there in every run.',
  run: 'The measured command: it executes the code that the agent changes. Its wall time is the metric `seconds`.',
  score:
    'Runs after `run` has ended with all its processes, in a sandbox of its own where the files of `writes` are read-only, and alone says the\nnumbers. It gets what `run` printed in $RALPH_OUTPUT, may write into $RALPH_RESULT, and must not execute editable code. $RALPH_SEED is new\nfor each repeat and the same for run and score. Empty: `run` says its own numbers, and could say any.',
  writes: 'Folders that the commands may write; emptied before each run. All else is read-only.',
  metrics:
    'What is measured. from: seconds (wall time of `run`), line (NAME=value, the last counts), returns (the Sharpe ratio of `returns`), { bytes: FILE }, { pattern: "loss: (\\\\S+)" } or\n{ json: path.in.it, file: FILE }; better: lower or higher; and limits: atLeast, atMost, notWorseBy (share of the baseline).',
  primary: 'The metric that decides.',
  returns:
    'For a program that writes a series of returns: they are judged as a strategy is, with N, selection and holdout. The README of src/task/command\nexplains it. { file, decisions, data: [prices.csv], price: close, train: { from, to }, selection: { from, to }, holdout: { from, to } }',
  guard: 'A command that must pass, such as the tests. They are read-only for the agent.',
  guardExpect: 'A regular expression that the guard must print: tests that end early without having run are no pass.',
  budgetSeconds: 'Seconds that each command may take; then all its processes end.',
  repeats:
    'Measurements of each side in a comparison: { least, most }, more while undecided. 1 for a metric that is exact, such as a size.',
  simplerWithin: 'A change with fewer lines is kept when it is surely not worse than the best by more than this share.',
  sandbox: 'bubblewrap, or none: then the code that a model writes runs with your rights, and every report says so.',
  network: 'Whether commands reach the network.',
  lend: 'Folders of this machine that the commands may read, such as ~/.m2 or ~/.cargo.',
  limits: 'What a command may use at once.',
};

/** The block `task` of a ralph.yaml, each key under its comment. */
function contractText(contract: Contract): string {
  const blocks = (Object.keys(ABOUT) as (keyof Contract)[]).map((key) => {
    const comment = ABOUT[key].split('\n').map((line) => `  # ${line}`);
    if (contract[key] === undefined) return [...comment, `  # ${key}:`].join('\n');
    const value = stringify({ [key]: contract[key] }, { lineWidth: 0 }).trimEnd();
    return [...comment, ...value.split('\n').map((line) => `  ${line}`)].join('\n');
  });
  return `task:\n${blocks.join('\n')}\n`;
}

/** The whole ralph.yaml: the contract first, then the settings of a run as the package ships them. */
export function configText(contract: Contract, shipped: string): string {
  const rest = shipped.replace(/^# `trading`[^\n]*\ntask:[^\n]*\n?/m, '');
  return `# What Ralph searches for in this repository, and how. Made by \`ralph setup\`; every key may be edited.\n\n${contractText(contract)}\n${rest.trimEnd()}\n`;
}

/** The human's file beside it. */
export function programText(contract: Contract): string {
  return `# What to search for

${contract.goal}

Write here what the model should know or try: it is read at the start of every cycle, and may be edited while a run goes on.
`;
}
