import { print } from '../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { amount, whole } from '../verbs/table/options.ts';
import type { Values, Verb } from '../verbs/table/verb.ts';
import { configWith, makeProject, type Project } from './project.ts';
import { blocksModel } from './scripted/blocks-model.ts';
import { scriptedResearcher } from './scripted/researcher.ts';
import { startModelServer } from './server/serve.ts';

const WIRES = ['tools', 'blocks'] as const;

/** What `verdicts` takes. */
export const VERDICTS = {
  does: 'how many cycles reach a verdict on a trial while requests go wrong, on either wire; fails under 95%',
  options: {
    cycles: whole('cycles of each run', { least: 1, default: 40 }),
    faults: amount('share of the requests that go wrong', { default: 0.2 }),
  },
} as const satisfies Verb;

/** Real runs of a project of its own, a scripted model, the faults of the catalogue. Prints a line of JSON for each wire. */
export async function verdicts({ cycles, faults }: Values<typeof VERDICTS.options>): Promise<ExitCode> {
  const project = await makeProject({ databaseStays: true });
  try {
    const shares: number[] = [];
    for (const wire of WIRES) shares.push(await shareOf(project, wire, cycles, faults));
    return Math.min(...shares) >= 0.95 ? EXIT.done : EXIT.failed;
  } finally {
    await project.remove();
  }
}

async function shareOf(project: Project, wire: (typeof WIRES)[number], cycles: number, rate: number): Promise<number> {
  const brain = wire === 'tools' ? scriptedResearcher(1) : blocksModel;
  const server = await startModelServer({ brain, seed: 1, faults: { rate } });
  const config = configWith(project, wire, 'ralph.yaml', (text) =>
    text.replace('session: {', `session: { wire: ${wire},`),
  );
  const run = await project.ralph(['run', '--tag', wire, '--cycles', String(cycles), ...config], {
    RALPH_BASE_URL: server.baseUrl,
  });
  await server.close();
  const events = project.events(wire);
  const count = (isOne: (event: (typeof events)[number]) => boolean) => events.filter(isOne).length;
  const judged = count((event) => event.type === 'verdict.given' && event.trial !== null);
  const ended = count(({ type }) => type === 'verdict.given');
  const faults = Object.values(server.stats().faults).reduce((sum, times) => sum + times, 0);
  const trials = Math.max(
    1,
    count(({ type }) => type === 'trial.started'),
  );
  const spent = (of: 'promptTokens' | 'completionTokens') =>
    events.reduce((sum, event) => sum + (event.type === 'session.ended' ? event[of] : 0), 0);
  const line = {
    wire,
    cycles,
    verdicts: ended,
    onATrial: judged,
    share: judged / cycles,
    faults,
    promptTokensPerTrial: Math.round(spent('promptTokens') / trials),
    answerTokensPerTrial: Math.round(spent('completionTokens') / trials),
    exitCode: run.exitCode,
  };
  print(JSON.stringify(line));
  return judged / cycles;
}
