import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { configWith, makeProject, type Project } from '../../src/lab/project.ts';
import { until } from '../../src/lab/until.ts';
import { strategySource } from './brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

/** Spins in every decision once it has seen a few: alive, and far from done when the call is taken back. */
const SLOW = `let sum = 0; for (let i = 0; i < 2e5; i++) sum += i % 7;
    if (sum > 0 && now.fast > now.slow && now.position <= 0) now.target(1); if (now.fast < now.slow && now.position > 0) now.flat(); void p;`;

const agent = (source: string) => `cat > prompt.txt
cat > slow.ts <<'TS'
${source}
TS
ralph-tool register_hypothesis family=test-family hypothesis="A slow strategy has no edge at all" refuted_if="train sharpe > 1"
ralph-tool write_candidate name=slow strategy=@slow.ts
ralph-tool backtest name=slow
ralph-tool finish summary="taken back"
`;

/** The process of the call that waits for its backtest, inside the sandbox or not. */
function callers(): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return command.includes('backtest') && command.includes('name=slow') && /node/.test(command[0])
        ? [Number(pid)]
        : [];
    } catch {
      return [];
    }
  });
}

test('a cancelled call ends its backtest: the trial stays charged, counts as crashed, and the session goes on', async () => {
  const command = JSON.stringify(['sh', '-c', agent(strategySource(SLOW))]);
  const config = configWith(project, 'cancel', 'ralph.yaml', (text) =>
    text.replace(/^agent:.*$/m, `agent: { command: ${command} }`),
  );
  const run = project.ralph(['run', '--tag', 'cancel', '--cycles', '1', ...config]);
  const events = () => {
    try {
      return project.events('cancel');
    } catch {
      return [];
    }
  };
  await until('the trial is charged', () => events().some(({ type }) => type === 'trial.started'));
  const [caller] = callers();
  assert.ok(caller, 'the call waits');
  process.kill(caller, 'SIGTERM');
  const { exitCode, all } = await run;
  assert.equal(exitCode, 0, String(all));
  const finished = events().find((event) => event.type === 'trial.finished');
  assert.ok(finished?.type === 'trial.finished');
  assert.equal(finished.outcome, 'crash');
  assert.match(finished.gates.at(-1)?.message ?? '', /cancelled while this trial ran/);
  const ended = events().find((event) => event.type === 'session.ended');
  assert.equal(ended?.type === 'session.ended' && ended.reason, 'finished');
  const verified = await project.ralph(['verify', '--tag', 'cancel', '--json']);
  assert.equal((JSON.parse(String(verified.stdout)) as { ok: boolean }).ok, true);
});
