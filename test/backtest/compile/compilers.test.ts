import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { needsProc } from '../../../src/lab/processes.ts';

const SRC = join(import.meta.dirname, '../../../src');
const ESBUILD = join(createRequire(import.meta.url).resolve('esbuild/package.json'), '../bin/esbuild');

/** Runs a program in a process of its own whose esbuild is a script that ends with the real one. */
async function withCompilers(script: string, program: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-compilers-'));
  const fake = join(dir, 'esbuild');
  writeFileSync(fake, `#!/bin/sh\ncd '${dir}'\n${script}\nexec '${ESBUILD}' "$@"\n`, { mode: 0o755 });
  const env = {
    PATH: process.env.PATH,
    ESBUILD_BINARY_PATH: fake,
    RALPH_API_KEY: 'a-key',
    WANDB_API_KEY: 'b-key',
    DATABASE_URL: 'postgres://a:b@nowhere/c',
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...['--input-type=module', '-e'],
      `const { takeSecrets } = await import('${SRC}/base/secrets.ts');
      takeSecrets();
      const { childProgram } = await import('${SRC}/backtest/box/bundle.ts');
      ${program}`,
    ],
    { env, timeout: 60_000 },
  );
  assert.ok(existsSync(fake));
  return stdout;
}

test('esbuild and the type checker start without a key', needsProc, async () => {
  const program = `
    const { check } = await import('${SRC}/backtest/compile/checker.ts');
    const { childrenOf, commandOf } = await import('${SRC}/lab/processes.ts');
    const { readFileSync } = await import('node:fs');
    await Promise.all([childProgram(), check('export const a: number = 1;')]);
    for (const pid of childrenOf(process.pid))
      console.log(commandOf(pid).slice(0, 300), readFileSync('/proc/' + pid + '/environ', 'utf8').split('\\0').join(' '));
    process.exit();`;
  const lines = (await withCompilers('', program)).trim().split('\n');
  assert.ok(lines.some((line) => line.includes('esbuild')));
  assert.ok(lines.some((line) => line.includes('tsc') || line.includes('typescript')));
  for (const line of lines) assert.doesNotMatch(line, /_KEY|DATABASE_URL|a-key|b-key/);
});

test('esbuild that is killed at its start is started once more; killed again, it is a plain error', async () => {
  const once = '[ -e met ] || { touch met; kill -9 $$; }';
  assert.match(await withCompilers(once, 'console.log((await childProgram()).text.length > 100_000)'), /^true/);
  const always = 'kill -9 $$';
  const program = 'await childProgram().catch(({ name, message, remedy }) => console.log(name, message, remedy))';
  assert.match(
    await withCompilers(always, program),
    /^RalphError the compiler esbuild failed twice: .* Repeat the command/,
  );
});
