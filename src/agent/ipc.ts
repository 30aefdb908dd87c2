import type { BlocksStep, SessionEnd, SessionSpec, ToolResult, TranscriptEntry } from './contract.ts';

/** What the harness says to a session process. The key travels here and nowhere else. */
export type ToChild =
  | { readonly kind: 'start'; readonly spec: SessionSpec }
  | { readonly kind: 'answer'; readonly id: number; readonly value: ToolResult | BlocksStep | boolean }
  | { readonly kind: 'abort' };

/** What a session process says to the harness. */
export type ToParent =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'drive'; readonly id: number; readonly answer: string | null }
  | { readonly kind: 'restart'; readonly id: number; readonly why: string }
  | { readonly kind: 'entry'; readonly entry: TranscriptEntry }
  | { readonly kind: 'end'; readonly end: SessionEnd };
