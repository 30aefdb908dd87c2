import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

// Fills dist/ for `npm pack`: the checkout once more, compiled, because Node runs no TypeScript inside node_modules.
// The folders keep their places to each other, so that the same code finds them in both.
const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
const compile = (...args: string[]) => {
  const { status } = spawnSync(compiler, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
};
compile('-p', '.tsconfig.package.json');
// The browser's side of the page has types of its own.
const emit = ['--noEmit', 'false', '--rootDir', '.', '--outDir', 'dist', '--rewriteRelativeImportExtensions'];
compile('-p', 'src/page/browser', ...emit);
cpSync(join(ROOT, 'src/page/browser/page.css'), join(DIST, 'src/page/browser/page.css'));

// The hints that wait in a checkout are its owner's; the folder's README is the package's.
const isWaitingHint = (path: string) => basename(dirname(path)) === 'hints' && basename(path) !== 'README.md';
for (const folder of ['config', 'prompts', 'strategies/library', 'strategies/universe', 'vllm'])
  cpSync(join(ROOT, folder), join(DIST, folder), { recursive: true, filter: (path) => !isWaitingHint(path) });
cpSync(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'));
cpSync(join(ROOT, 'scripts/ralph.cjs'), join(DIST, 'scripts/ralph.cjs'));
const { name, version, type } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify({ name, version, type, private: true }, null, 2)}\n`);
