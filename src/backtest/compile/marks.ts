/**
 * First line of a script that `compileCandidate` made: whether one evaluation of the file may serve many simulations. It is
 * always there and always first, so that nothing in a candidate's source can stand in its place.
 */
export const STATELESS = '//ralph:stateless\n';
export const STATEFUL = '//ralph:stateful\n';

/** Takes the mark off. A script without one is taken for one that keeps state. */
export function splitMark(code: string): { stateless: boolean; script: string } {
  if (code.startsWith(STATELESS)) return { stateless: true, script: code.slice(STATELESS.length) };
  return { stateless: false, script: code.startsWith(STATEFUL) ? code.slice(STATEFUL.length) : code };
}
