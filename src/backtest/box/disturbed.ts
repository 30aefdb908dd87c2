/**
 * An evaluation that the world broke off: its process was killed from outside, or the machine slept through its time. Thrown and not
 * answered, because it says nothing of the candidate; the same request may be made again.
 */
export class EvaluationDisturbed extends Error {
  readonly code: 'EKILLED' | 'EASLEEP';

  constructor(how: 'killed' | 'slept', message: string) {
    super(message);
    this.name = 'EvaluationDisturbed';
    this.code = how === 'killed' ? 'EKILLED' : 'EASLEEP';
  }
}
