import { join } from 'node:path';
import { execa } from 'execa';
import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import { writeFileAtomic } from '../../base/files.ts';
import type { RalphEvent } from '../../journal/events.ts';

export interface Question {
  readonly runDir: string;
  readonly tag: string;
  readonly cycle: number;
  /** The state of the search and its numbers, in one line. */
  readonly why: string;
  /** The digest, so that the answer needs no other window. */
  readonly digest: string;
  /** Program and arguments that get the question on their standard input (mail, a chat hook); empty for none. */
  readonly command: readonly string[];
}

/** What the command may take before it is given up; the search does not wait for people. */
const COMMAND_MS = 10_000;

/** Asks the human through ASK.md, the terminal and the configured command; the answer is a hint. Never throws. Returns the event to journal. */
export async function askHuman(question: Question): Promise<RalphEvent> {
  const { runDir, tag, cycle, why, digest, command } = question;
  const text = `# Run ${tag} asks for a hint (cycle ${cycle})\n\n${why}.\n\nAnswer: npm run hint -- "where to look instead"\n\n${digest}\n`;
  const path = join(runDir, 'ASK.md');
  try {
    writeFileAtomic(path, text);
    say(`run ${tag} asks for a hint: ${why}; see ${path}`);
    const [program, ...args] = command;
    if (program) await execa(program, args, { input: text, timeout: COMMAND_MS, stdout: 'ignore', stderr: 'ignore' });
  } catch (error) {
    say(`asking the human failed: ${messageOf(error)}`);
  }
  return { type: 'human.asked', cycle, why };
}
