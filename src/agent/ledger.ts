import type { Completion } from './client/completion.ts';
import type { SessionEnd, SessionEndReason, SessionSpec, TranscriptEntry, TurnClass } from './contract.ts';
import { Tally } from './session/tally.ts';

/**
 * The harness's own count of a session, from the entries it was sent: a session that dies without a word has still
 * spent what it spent. Also the last place where the key is kept out of a transcript.
 */
export class Ledger {
  readonly #spec: SessionSpec;
  readonly #tally = new Tally();
  readonly #forward: (entry: TranscriptEntry) => void;

  constructor(spec: SessionSpec, forward: (entry: TranscriptEntry) => void) {
    this.#spec = spec;
    this.#forward = forward;
  }

  add(entry: TranscriptEntry): void {
    if (entry.kind === 'turn') {
      const { answer, class: kind } = entry.data as { answer: Completion; class: TurnClass };
      this.#tally.turns += 1;
      this.#tally.count(kind);
      this.#tally.spend(answer, 0);
    }
    if (entry.kind === 'tool') this.#tally.toolCalls += 1;
    this.#forward(withoutSecret(entry, this.#spec.endpoint.apiKey));
  }

  /** The end of a session that could not say it itself. */
  end(reason: SessionEndReason, detail: string): SessionEnd {
    const end = this.#tally.end(reason, detail, []);
    this.#forward({ at: Date.now(), kind: 'end', data: end });
    return end;
  }
}

function withoutSecret(entry: TranscriptEntry, key: string): TranscriptEntry {
  if (key.length < 8) return entry;
  // As it stands inside JSON, where quotes and backslashes of a key are escaped.
  const inside = JSON.stringify(key).slice(1, -1);
  const text = JSON.stringify(entry);
  return text.includes(inside) ? (JSON.parse(text.replaceAll(inside, '[key]')) as TranscriptEntry) : entry;
}
