import type { Completion } from '../../agent/client/completion.ts';
import type { TranscriptEntry } from '../../agent/contract.ts';
import { completionTokensOf } from '../../agent/session/tally.ts';
import { type Brain, BrainRefuses } from '../server/brain.ts';

/**
 * A recorded transcript as a model: answers again what was answered, in order, damage included. After the last recorded
 * turn it refuses: the session ended there, whatever ended it.
 */
export function replayOf(entries: readonly TranscriptEntry[]): Brain {
  const answers = answersIn(entries);
  let next = 0;
  return ({ settings }) => {
    const { answer, promptTokens } = answers[next] ?? {};
    if (!answer) throw new BrainRefuses(`nothing was recorded behind turn ${answers.length}`);
    // A stream is watched for loops and an answer in one piece is not: it has to come in the form in which it was judged.
    if (!answer.streamed && settings.stream === true) throw new BrainRefuses('this answer came in one piece', 500);
    next += 1;
    return {
      reasoning: answer.reasoning,
      content: answer.content,
      calls: [],
      verbatim: {
        calls: answer.calls,
        finish: answer.finish,
        completionTokens: completionTokensOf(answer),
        promptTokens: answer.usage?.prompt || promptTokens,
      },
    };
  };
}

/**
 * Each answer with the size of the prompt that it was given to: where the server did not count it, the session's own guess, which
 * depends on how much of the history a full window had left.
 */
function answersIn(entries: readonly TranscriptEntry[]): { answer: Completion; promptTokens: number | null }[] {
  let promptTokens: number | null = null;
  return entries.flatMap(({ kind, data }) => {
    if (kind === 'request') promptTokens = (data as { promptTokens?: number }).promptTokens ?? null;
    return kind === 'turn' ? [{ answer: (data as { answer: Completion }).answer, promptTokens }] : [];
  });
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

/**
 * The sessions in a transcript, one after the other: a cycle whose session lost its server or its harness before it had spent anything
 * was held again. A session that was killed has no end; the next one begins with its first turn.
 */
export function sessionsIn(entries: readonly TranscriptEntry[]): TranscriptEntry[][] {
  const sessions: TranscriptEntry[][] = [];
  let open: TranscriptEntry[] = [];
  const close = () => {
    if (open.length > 0) sessions.push(open);
    open = [];
  };
  for (const entry of entries) {
    const first = entry.kind === 'request' && (entry.data as { turn: number }).turn === 1;
    if (first && open.some(({ kind }) => kind === 'turn')) close();
    open.push(entry);
    if (entry.kind === 'end') close();
  }
  close();
  return sessions;
}
