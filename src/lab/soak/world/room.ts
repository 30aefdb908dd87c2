import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../../base/draw/terminal.ts';

/** A folder with a file system of its own, which can be filled. */
export interface Room {
  fill(): void;
  empty(): void;
  close(): void;
}

const SIZE_MB = 512;
const PIECE = Buffer.alloc(64 * 1024);

/** Mounts a small file system there; null, and said, where this user may not. */
export function openRoom(folder: string): Room | null {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    say('the disk is never full in this soak: this user may not mount a small file system');
    return null;
  }
  const filler = join(folder, 'filler');
  return {
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, PIECE);
      } catch {
        // Full.
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    close: () => execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' }),
  };
}
