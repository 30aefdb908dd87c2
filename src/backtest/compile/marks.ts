/**
 * First line of a script that `compileCandidate` made: whether one evaluation of the file may serve many simulations, and whether its custom
 * indicators have pure callbacks. It is always there and always first, so that nothing in a candidate's source can stand in its place.
 */
export interface Marks {
  readonly stateless: boolean;
  /** See hasPureCustoms. */
  readonly pure: boolean;
}

const LINE = /^\/\/ralph:(stateless|stateful)( pure)?\n/;

/** Puts the mark on. */
export function mark({ stateless, pure }: Marks, script: string): string {
  return `//ralph:${stateless ? 'stateless' : 'stateful'}${pure ? ' pure' : ''}\n${script}`;
}

/** Takes the mark off. A script without one is taken for one that keeps state and has to be proven. */
export function splitMark(code: string): Marks & { script: string } {
  const [line = '', kind, pure] = LINE.exec(code) ?? [];
  return { stateless: kind === 'stateless', pure: pure !== undefined, script: code.slice(line.length) };
}
