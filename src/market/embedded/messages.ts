/** The few PostgreSQL wire messages (protocol 3.0) that the embedded server reads or writes itself. */

/** A message: its kind, its length, its body. */
function message(kind: string, body: string): Uint8Array {
  const text = Buffer.from(body);
  const bytes = Buffer.alloc(text.length + 5);
  bytes.write(kind);
  bytes.writeInt32BE(text.length + 4, 1);
  text.copy(bytes, 5);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A simple Query message. */
export function simpleQuery(sql: string): Uint8Array {
  return message('Q', `${sql}\0`);
}

/** A Parse message for the unnamed statement, without parameter types. */
export function parse(sql: string): Uint8Array {
  return message('P', `\0${sql}\0\0\0`);
}

/** The SQL of a simple Query message. */
export function queryText(query: Uint8Array): string {
  return Buffer.from(query.buffer, query.byteOffset + 5, query.length - 6).toString();
}

/** The user named in a startup message, or ''. */
export function startupUser(startup: Uint8Array): string {
  const text = Buffer.from(startup.buffer, startup.byteOffset + 8, startup.length - 8).toString();
  const words = text.split('\0');
  const at = words.indexOf('user');
  return at === -1 ? '' : words[at + 1];
}

/** 'I' idle, 'T' in a transaction, 'E' in a failed one; null when the answer does not end with ReadyForQuery. */
export function readyStatus(bytes: Uint8Array): string | null {
  const at = bytes.length - 6;
  return at >= 0 && bytes[at] === 0x5a && bytes[at + 4] === 5 ? String.fromCharCode(bytes[at + 5]) : null;
}

/** "Send me the data", binary, number of columns left open. */
export function copyInResponse(): Uint8Array {
  return Uint8Array.from([0x47, 0, 0, 0, 7, 1, 0, 0]);
}

/** An ErrorResponse; a FATAL one ends the conversation. */
export function errorResponse(code: string, text: string, severity: 'ERROR' | 'FATAL'): Uint8Array {
  return message('E', `S${severity}\0V${severity}\0C${code}\0M${text}\0\0`);
}
