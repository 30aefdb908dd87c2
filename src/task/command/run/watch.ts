import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../../base/attempt.ts';
import type { Contract } from '../contract/contract.ts';

const EVERY_MS = 100;
const PAGE = 4096;

/**
 * Looks again and again at what a command and its children use; calls `onOver` once with what was too much. `written` looks at the disk
 * alone, for a last time when the command has ended.
 */
export function watchUse(
  pid: number,
  { memoryMb, processes, diskMb }: Contract['limits'],
  folders: readonly string[],
  onOver: (what: string) => void,
): { stop(): void; written(): string | null } {
  const written = () => {
    const bytes = folders.reduce((sum, folder) => sum + sizeOf(folder), 0);
    if (bytes === Number.POSITIVE_INFINITY) return 'it wrote folders that cannot be looked into';
    return bytes > diskMb * 2 ** 20 ? `it wrote more than ${diskMb} MB to the disk` : null;
  };
  const timer = setInterval(() => {
    const family = familyOf(pid);
    const over =
      (family.length > processes && `it had ${family.length} processes; ${processes} are allowed`) ||
      (memoryOf(family) > memoryMb * 2 ** 20 && `it used more than ${memoryMb} MB of memory`) ||
      written();
    if (!over) return;
    clearInterval(timer);
    onOver(over);
  }, EVERY_MS);
  return { stop: () => clearInterval(timer), written };
}

/** A process and all that descend from it. */
function familyOf(pid: number): number[] {
  const family = [pid];
  for (let i = 0; i < family.length; i++) {
    try {
      for (const thread of readdirSync(`/proc/${family[i]}/task`)) {
        const text = readFileSync(`/proc/${family[i]}/task/${thread}/children`, 'utf8');
        family.push(...text.split(' ').filter(Boolean).map(Number));
      }
    } catch {
      // It has ended.
    }
  }
  return family;
}

function memoryOf(family: readonly number[]): number {
  let pages = 0;
  for (const pid of family) {
    // One that has ended has none.
    pages += Number(attempt(() => readFileSync(`/proc/${pid}/statm`, 'utf8'))?.split(' ')[1] ?? 0);
  }
  return pages * PAGE;
}

/** Bytes on the disk under a folder; links are not followed. What is gone by now counts nothing; what hides its size, too deep or closed, is infinite. */
function sizeOf(path: string): number {
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return stat.blocks * 512;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch (thrown) {
    return /^(ENOENT|ENOTDIR)$/.test((thrown as NodeJS.ErrnoException).code ?? '') ? 0 : Number.POSITIVE_INFINITY;
  }
}

/** Ends every process that carries this mark in its environment: those that left the group of their parent. */
export function endMarked(mark: string): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)) process.kill(Number(name), 'SIGKILL');
    } catch {
      // It has ended, or is another user's.
    }
  }
}
