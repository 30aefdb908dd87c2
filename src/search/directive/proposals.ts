import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.ts';
import { sha256 } from '../../base/hash.ts';
import type { RalphEvent } from '../../journal/events.ts';

/** The longest proposal, characters. */
const LONGEST = 4000;

/** Writes the agent's wish for another score or gate into `proposals/` for the human and returns its event. Ralph never reads the file. */
export function writeProposal(runDir: string, cycle: number, text: string): RalphEvent {
  const body = text.slice(0, LONGEST);
  const hash = sha256(body);
  const proposal = `${String(cycle).padStart(4, '0')}-${hash.slice(0, 6)}`;
  const head = `# Proposal ${proposal}, written by the session of cycle ${cycle}\n\nNot applied. To apply it, edit config/gates.yaml yourself: the run then opens a new segment.\n\n`;
  writeFileAtomic(join(runDir, 'proposals', `${proposal}.md`), `${head}${body}\n`);
  return { type: 'proposal.made', cycle, proposal, sha256: hash, text: body };
}
