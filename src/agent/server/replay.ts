import type { Completion } from '../client/completion.ts';
import type { TranscriptEntry } from '../contract.ts';
import type { Brain } from './brain.ts';

/**
 * A recorded transcript as a model: answers again what was answered, in order, damage included. After the last recorded
 * turn it has nothing to say, which a session survives by itself.
 */
export function replayOf(entries: readonly TranscriptEntry[]): Brain {
  const answers = entries
    .filter(({ kind }) => kind === 'turn')
    .map(({ data }) => (data as { answer: Completion }).answer);
  let next = 0;
  return () => {
    const answer = answers[next++];
    if (!answer) return { calls: [] };
    return {
      reasoning: answer.reasoning,
      content: answer.content,
      calls: [],
      verbatim: { calls: answer.calls, finish: answer.finish, completionTokens: answer.usage?.completion ?? null },
    };
  };
}

/** Reads a transcript.jsonl; lines that are cut are left out. */
export function entriesOf(jsonl: string): TranscriptEntry[] {
  return jsonl.split('\n').flatMap((line) => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line) as TranscriptEntry];
    } catch {
      return [];
    }
  });
}
