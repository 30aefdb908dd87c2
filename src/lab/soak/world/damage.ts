import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is done to the folders of a run that goes on: it has to put them right itself. */
export const LIVE_DAMAGES = [
  'worktree deleted',
  'worktree on another branch',
  'commit amended',
  'branch deleted',
  'derived files deleted',
] as const;
export type LiveDamage = (typeof LIVE_DAMAGES)[number];

/** What is done to the folder of a run that is down. */
export const DEAD_DAMAGES = [
  'journal torn',
  'journal cut',
  'object deleted',
  'report deleted',
  'worktree deleted',
  'branch deleted',
] as const;
export type DeadDamage = (typeof DEAD_DAMAGES)[number];

/** Damage to a run that is down, and what the next start has to do about it. */
export interface Damaged {
  /** It must refuse; `undo` then makes the folder what it was. */
  readonly refused: boolean;
  undo(): void;
}

const git = (dir: string, ...args: string[]): boolean => {
  try {
    execFileSync('git', ['-c', 'user.name=Chaos', '-c', 'user.email=chaos@example.org', ...args], {
      cwd: dir,
      stdio: 'pipe',
    });
    return true;
  } catch {
    // The run has the branch at the moment, or nothing is there yet.
    return false;
  }
};

/** False when there was nothing to do it to. `runDir` is `<project>/runs/<tag>`. */
export function damageLive(what: LiveDamage, runDir: string): boolean {
  const worktree = join(runDir, 'worktree');
  if (!existsSync(join(worktree, '.git'))) return false;
  switch (what) {
    case 'worktree deleted':
      rmSync(worktree, { recursive: true, force: true, maxRetries: 5 });
      return true;
    case 'worktree on another branch':
      return (
        git(worktree, 'checkout', '--quiet', '--detach', 'HEAD~1') || git(worktree, 'checkout', '--quiet', '--detach')
      );
    case 'commit amended':
      return git(worktree, 'commit', '--quiet', '--amend', '--allow-empty', '--no-verify', '-m', 'not what it was');
    case 'branch deleted':
      return git(worktree, 'update-ref', '-d', 'HEAD');
    case 'derived files deleted':
      for (const name of ['results.tsv', 'history.json', 'STATUS.md']) rmSync(join(runDir, name), { force: true });
      return true;
  }
}

/** Null when there was nothing to do it to. */
export function damageDead(what: DeadDamage, runDir: string): Damaged | null {
  const journal = join(runDir, 'journal.jsonl');
  switch (what) {
    case 'worktree deleted':
    case 'branch deleted':
      return damageLive(what, runDir) ? { refused: false, undo: () => {} } : null;
    case 'journal torn':
      appendFileSync(journal, '{"seq":');
      return { refused: false, undo: () => {} };
    case 'journal cut': {
      const text = readFileSync(journal, 'utf8');
      const at = text.lastIndexOf('"type":"cycle.committed"');
      if (at < 0) return null;
      // So that a commit says more than the journal knows.
      writeFileSync(journal, text.slice(0, text.lastIndexOf('\n', text.lastIndexOf('"type":"verdict.given"', at)) + 1));
      return { refused: true, undo: () => writeFileSync(journal, text) };
    }
    case 'report deleted': {
      const committed = [...readFileSync(journal, 'utf8').matchAll(/"type":"cycle.committed","cycle":(\d+)/g)].at(-1);
      const report = join(runDir, 'cycles', (committed?.[1] ?? '').padStart(4, '0'), 'report.json');
      if (!existsSync(report)) return null;
      rmSync(report);
      return { refused: false, undo: () => {} };
    }
    case 'object deleted': {
      const name = [...readFileSync(journal, 'utf8').matchAll(/"returnsSha256":"([0-9a-f]{64})"/g)].at(-1)?.[1];
      const path = join(runDir, 'objects', name ?? 'none');
      if (!existsSync(path)) return null;
      renameSync(path, `${path}.aside`);
      return { refused: true, undo: () => renameSync(`${path}.aside`, path) };
    }
  }
}
