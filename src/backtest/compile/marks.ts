/** What the harness knows of a script that `compileCandidate` made. */
export interface Marks {
  /** One evaluation of the file may serve many simulations. */
  readonly stateless: boolean;
  /** See hasPureCustoms. */
  readonly pure: boolean;
  /** Of a script into which something was written that is not in the author's file. */
  readonly written?: Written;
}

export interface Written {
  /** SHA-256 of the script without it. */
  readonly print: string;
  /** Where in the author's file, from 1, and how many characters; rising. */
  readonly places: readonly { readonly line: number; readonly column: number; readonly length: number }[];
}

const LINE = /^\/\/ralph:(\{.*\})\n/;

/** Puts the marks on, as the first line: it is always there, so that nothing in a candidate's source can stand in its place. */
export function mark(marks: Marks, script: string): string {
  return `//ralph:${JSON.stringify(marks)}\n${script}`;
}

/** Takes the marks off. A script without them is taken for one that keeps state and has to be proven. */
export function splitMark(code: string): Marks & { script: string } {
  const [line = '', marks = '{"stateless":false,"pure":false}'] = LINE.exec(code) ?? [];
  return { ...(JSON.parse(marks) as Marks), script: code.slice(line.length) };
}
