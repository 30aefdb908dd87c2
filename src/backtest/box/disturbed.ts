/**
 * An evaluation that the world broke off: its process was killed from outside, the machine slept through its time, or the bars of a window
 * could not be read again. Thrown and not answered, because it says nothing of the candidate; the same request may be made again.
 */
export class EvaluationDisturbed extends Error {
  readonly code: (typeof CODES)[keyof typeof CODES];

  constructor(how: keyof typeof CODES, message: string) {
    super(message);
    this.name = 'EvaluationDisturbed';
    this.code = CODES[how];
  }
}

const CODES = { killed: 'EKILLED', slept: 'EASLEEP', lost: 'ELOST' } as const;
