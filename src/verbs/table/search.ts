import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AGENTS } from '../../agent/external/configs.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { PROPOSERS } from '../../task/task.ts';
import { amount, choice, flag, folder, fraction, several, text, whole } from './options.ts';
import { any, atMostOne, json, runConfig, runs, tag, type Verb } from './verb.ts';

const seed = (otherwise: number) => whole('the same seed gives the same search', { default: otherwise });
const faults = (otherwise: number) => fraction('share of the answers that the server spoils', { default: otherwise });
const proposer = choice('who proposes candidates', ['model', ...PROPOSERS], { default: 'model', form: 'NAME' });
const inbox = text('the folder of hint files', 'DIR', { default: join(PROJECT_DIR, 'prompts/hints') });

/** What `setup` may be told of the contract. */
export const choices = {
  run: text('command to measure', 'CMD'),
  score: text('command that scores its result', 'CMD'),
  guard: text('command that must pass', 'CMD'),
  editable: several(text('files that may change', 'GLOB')),
  readOnly: several(text('files that may never change; every other file unless told', 'GLOB')),
  metric: text('the metric that decides: seconds, or NAME of a line NAME=value', 'NAME'),
  better: choice('direction of the metric', ['lower', 'higher']),
  budget: whole('seconds that each command may take', { least: 1 }),
  sandbox: choice('where commands run', ['bubblewrap', 'none'], { default: 'bubblewrap' }),
};

/** Verbs that search, watch, steer and check a run. */
export const SEARCH_VERBS = {
  run: {
    does: 'search: fresh agent sessions until a budget, a STOP file or Ctrl-C',
    options: {
      tag: text('the run; one that exists goes on where it was', 'TAG', { default: 'main' }),
      cycles: whole('cycles to run now'),
      seed: whole('seed of a new run (1)'),
      config: folder('config files that take precedence over config/'),
      dryRun: flag('only print what recovery would do'),
      proposer,
      from: text('another run whose lessons a new run starts with', 'TAG'),
      accept: text('go on with a journal that lost its end, and why; what was spent there still counts', 'WHY'),
    },
  },
  demo: {
    does: 'the whole loop offline: simulated market, scripted model',
    options: {
      tag: text('the run', 'TAG', { default: 'demo' }),
      cycles: whole('cycles to run', { default: 10 }),
      seed: seed(4),
      faults: faults(0.1),
      proposer,
      json,
    },
  },
  model: {
    does: 'serve the demo’s scripted model, to try a run on your bars without a GPU',
    options: {
      port: whole('0 takes any that is free', { most: 65_535, default: 8000 }),
      seed: seed(1),
      faults: faults(0),
    },
  },
  setup: {
    does: 'point Ralph at a repository and a number: writes ralph/ralph.yaml there and measures it once',
    options: {
      dir: text('the repository, or a folder in it', 'DIR', { default: process.cwd() }),
      yes: flag('take what is proposed, ask nothing'),
      check: flag('only check the contract that is there'),
      ...choices,
      json,
    },
  },
  status: { does: 'where a run stands', options: { tag, config: runConfig, runs, json } },
  results: {
    does: 'every trial and what became of it',
    options: { tag, last: whole('only the last N trials', { least: 1 }), runs, json },
  },
  tail: {
    does: 'follow a run, one line a trial',
    options: {
      tag,
      lines: whole('lines of the past to begin with', { default: 10, short: 'n' }),
      noFollow: flag('do not wait for more'),
      runs,
      json,
    },
  },
  page: {
    does: 'serve the live page of a run, with its steering; runs on a terminal serve it by themselves',
    options: {
      tag,
      port: whole('0 takes any that is free', { most: 65_535, default: 0 }),
      listen: text('another address of this machine', 'ADDR', { default: '127.0.0.1' }),
      config: runConfig,
      inbox,
      runs,
      json,
    },
  },
  report: { does: 'what was tried, what survived', options: { tag, config: runConfig, runs, json } },
  digest: {
    does: 'what the session of a cycle was told about the run',
    options: {
      tag,
      cycle: whole('the cycle; without it the next one', { least: 1 }),
      rebuild: flag('build it again from the journal'),
      tokens: whole('size of a digest that is built', { least: 1 }),
      runs,
      json,
    },
  },
  hint: {
    does: 'say something to the next session; or list | drop | effects',
    words: any('"TEXT"', 1),
    options: {
      priority: whole('0 to 9', { most: 9, default: 5 }),
      scope: text('run, family:NAME, cycles:N', 'SCOPE', { default: 'run' }),
      expires: text('when it stops counting, such as 2026-07-01', 'TIME'),
      inbox,
      json,
    },
  },
  'hint list': { does: 'hints that wait and hints that count', options: { inbox, tag, runs, json } },
  'hint drop': { does: 'withdraw a hint', words: any('ID [REASON]', 1), options: { inbox, json } },
  'hint effects': { does: 'trials and keeps under each hint, against the rest', options: { tag, runs, json } },
  pause: { does: 'hold a run at the next step', options: { tag } },
  resume: { does: 'let a paused run go on', options: { tag } },
  step: { does: 'let a paused run do one cycle', options: { tag } },
  stop: { does: 'end a run at the next step', options: { tag } },
  doctor: {
    does: 'probe the model server',
    options: {
      short: flag('only ask whether it calls tools'),
      config: folder('folder of the ralph.yaml to read', { default: join(PROJECT_DIR, 'config') }),
      json,
    },
  },
  'agent-config': {
    does: `write the configuration that lets an agent program use Ralph’s tools: ${AGENTS.join(', ')}`,
    words: { form: 'NAME [DIR]', least: 1, most: 2 },
    options: { json },
  },
  verify: {
    does: 'check a run for anything lost, doubled or changed',
    options: {
      tag,
      runs,
      repair: flag('make again what the copies, the commits and the journal prove, and list what cannot be'),
      json,
    },
  },
  replay: {
    does: 'run a recorded run again and compare the journals',
    words: atMostOne('TAG'),
    options: { tag, json },
  },
  export: {
    does: 'write one trial into a folder with all that somebody else needs to check it but the bars',
    words: { form: 'TRIAL DIR', least: 2, most: 2 },
    options: { tag, config: runConfig, json },
  },
  reproduce: {
    does: 'evaluate a stored trial again; with --again every keep of an earlier version, by the rules of today',
    words: atMostOne('TRIAL'),
    options: {
      tag,
      from: text('the folder of an exported trial in place of a run', 'DIR'),
      config: runConfig,
      again: flag('judge each keep that an earlier engine, gate or market judged; changes nothing'),
      json,
    },
  },
  prune: {
    does: 'remove what verify and reproduce do not need, and frozen windows that no run and no ledger names',
    options: {
      dryRun: flag('say what would go and remove nothing'),
      config: folder('config files that take precedence over those of the project'),
      runs,
      json,
    },
  },
  signals: {
    does: 'what the living keeps hold at the newest bar, sized for a capital; sends no orders',
    words: any('[TRIAL…]'),
    options: {
      tag,
      config: runConfig,
      capital: amount('money to size for; without it the cash of market.yaml'),
      maxAge: whole('minutes that the newest bar may be old; without it two bars that the keep decides on'),
      follow: flag('look again and again and print what changes'),
      every: whole('seconds between two looks of --follow', { least: 1, default: 60 }),
      post: text('send the signals as JSON to an address', 'URL'),
      json,
    },
  },
  forward: {
    does: 'record what the keeps did after their freeze, and whether their edge still stands',
    options: {
      tag,
      config: runConfig,
      controls: whole('newest discards to record beside them', { default: 0 }),
      closed: whole('days in a row without bars that pass as a closed market (5)', { least: 1 }),
      accept: text('go on with a record that lost lines, and why; every later output says so', 'WHY'),
      json,
    },
  },
  promote: {
    does: 'open the holdout for one kept candidate; of a project: a branch with one commit a keep, and the total measured again',
    words: atMostOne('TRIAL'),
    options: { tag: text('the run', 'TAG', { default: 'main' }), json },
  },
  island: {
    does: 'hold agent sessions for runs on other machines, against the model server of this one, until Ctrl-C',
    options: {
      sessions: whole('sessions at once', { least: 1, most: 16, default: 1, form: 'N' }),
      schema: text('fleet.schema of the runs', 'NAME', { default: 'ralph' }),
      config: folder('config files that take precedence over config/'),
    },
  },
  worker: {
    does: 'evaluate for runs on other machines, over DATABASE_URL, until Ctrl-C',
    options: {
      processes: whole('evaluations at once', { least: 1, most: 256, default: availableParallelism(), form: 'N' }),
      check: flag('compare a fixed set of evaluations with the runs that are there, and end'),
      schema: text('schema of Ralph’s tables, as in market.yaml', 'NAME', { default: 'ralph' }),
      dir: text('folder for the frozen windows that it fetches', 'DIR', { default: join(PROJECT_DIR, '.data/fleet') }),
      json,
    },
  },
  ledger: {
    does: 'what was spent on each market, over all runs on its data',
    options: {
      backup: text('write every line to a file', 'FILE'),
      merge: text('take over what another machine’s backup holds', 'FILE'),
      forget: text('start over on a market, and why; every later report prints it', '"WHY"'),
      symbol: text('the market to forget', 'SYMBOL'),
      config: folder('folder of market.yaml', { default: join(PROJECT_DIR, 'config') }),
      json,
    },
  },
} as const satisfies Record<string, Verb>;
