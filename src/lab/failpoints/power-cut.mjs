// Preloaded into a harness: remembers what was written and not synced, and when the process kills itself at a failpoint
// undoes it first, as a power cut would. Renames whose folder was not synced are undone too. Half of an unsynced append
// stays, because sectors reach the disk one by one. What git writes is git's own (core.fsync is set for it).
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, resolve } from 'node:path';

const real = { ...fs };
const open = new Map();
const durable = new Map();
const renames = [];

const watched = (path) => typeof path === 'string' && resolve(path).includes('/runs/');
const contentOf = (path) => (real.existsSync(path) ? real.readFileSync(path) : null);

/** The first unsynced change of a file keeps what the disk would still hold. */
function remember(path) {
  if (!durable.has(path)) durable.set(path, contentOf(path));
}

fs.openSync = (path, flags = 'r', mode) => {
  if (watched(path) && /[wa]|\+/.test(String(flags))) remember(resolve(path));
  const fd = real.openSync(path, flags, mode);
  open.set(fd, typeof path === 'string' ? resolve(path) : '');
  return fd;
};
fs.writeSync = (fd, ...rest) => {
  const path = open.get(fd);
  if (path && watched(path)) remember(path);
  return real.writeSync(fd, ...rest);
};
fs.ftruncateSync = (fd, length) => {
  const path = open.get(fd);
  if (path && watched(path)) remember(path);
  return real.ftruncateSync(fd, length);
};
for (const name of ['fsyncSync', 'fdatasyncSync']) {
  fs[name] = (fd) => {
    real[name](fd);
    const path = open.get(fd);
    if (!path) return;
    durable.delete(path);
    for (let i = renames.length - 1; i >= 0; i--) if (dirname(renames[i].to) === path) renames.splice(i, 1);
  };
}
for (const name of ['writeFileSync', 'appendFileSync']) {
  fs[name] = (path, data, options) => {
    if (watched(path)) remember(resolve(path));
    const result = real[name](path, data, options);
    if (watched(path) && options?.flush) durable.delete(resolve(path));
    return result;
  };
}
fs.renameSync = (from, to) => {
  if (watched(to))
    renames.push({ from: resolve(from), to: resolve(to), old: contentOf(to), unsynced: durable.get(resolve(from)) });
  real.renameSync(from, to);
  durable.delete(resolve(from));
};
syncBuiltinESMExports();

const kill = process.kill;
process.kill = (pid, signal) => {
  if (pid === process.pid && signal === 'SIGKILL') cut();
  return kill.call(process, pid, signal);
};

function cut() {
  for (const { to, old } of renames.reverse()) put(to, old);
  for (const [path, before] of durable) {
    const now = contentOf(path);
    if (now === null) continue;
    const grew = before !== null && now.length > before.length && now.subarray(0, before.length).equals(before);
    put(path, grew ? now.subarray(0, before.length + Math.floor((now.length - before.length) / 2)) : before);
  }
  real.writeSync(2, `power cut: ${renames.length} renames, ${durable.size} files undone\n`);
}

function put(path, content) {
  if (content === null) real.rmSync(path, { force: true });
  else real.writeFileSync(path, content);
}
