import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Enough to tell a living process from a later one with the same number, also after a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Changes with every boot. */
  readonly boot: string;
  /** Ticks since boot, or a date, at which the process started. */
  readonly started: string;
  readonly host: string;
  /** Namespace in which the pid means something; empty where there are none. */
  readonly space: string;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, boot: bootId(), started: startOf(process.pid) ?? '', host: hostname(), space: pidSpace() };
}

/** Whether that process still runs: `unknown` when it was on another machine or in another container. */
export function lifeOf(other: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  if (other.host !== hostname()) return 'unknown';
  if (other.boot !== bootId()) return 'gone';
  if (other.space !== pidSpace()) return 'unknown';
  return startOf(other.pid) === other.started ? 'alive' : 'gone';
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return command('sysctl', ['-n', 'kern.boottime']) ?? 'unknown';
  }
}

function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Start of a process, or null when there is none (a zombie counts as none). */
function startOf(pid: number): string | null {
  try {
    // The command name may hold spaces and brackets: fields are counted from the last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? null : fields[19];
  } catch {
    return process.platform === 'linux' ? null : command('ps', ['-o', 'lstart=', '-p', String(pid)]);
  }
}

function command(name: string, args: string[]): string | null {
  try {
    return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}
