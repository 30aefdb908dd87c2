import { spawn } from 'node:child_process';

// Stands between the harness and an agent command, in a process group of its own: when the harness goes, however it went, the agent
// and everything it started go too. Arguments: the command.
const [command, ...args] = process.argv.slice(2);
const agent = spawn(command, args, { stdio: 'inherit' });
const endAll = () => process.kill(-process.pid, 'SIGKILL');

process.on('disconnect', endAll);
agent.on('error', (error) => {
  process.stderr.write(`cannot start ${command}: ${error.message}\n`);
  process.exit(127);
});
agent.on('exit', (code, signal) => {
  // Not a disconnect of the harness: what the agent left running is ended by the harness.
  process.off('disconnect', endAll);
  process.exit(signal ? 1 : (code ?? 1));
});
