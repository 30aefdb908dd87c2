/** The few PostgreSQL wire messages (protocol 3.0) that the embedded server reads or writes itself. */

/** A simple Query message. */
export function simpleQuery(sql: string): Uint8Array {
  const text = Buffer.from(sql);
  const bytes = Buffer.alloc(text.length + 6);
  bytes.write('Q');
  bytes.writeInt32BE(text.length + 5, 1);
  text.copy(bytes, 5);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A Parse message for the unnamed statement, without parameter types. */
export function parse(sql: string): Uint8Array {
  const text = Buffer.from(`\0${sql}\0\0\0`);
  const bytes = Buffer.alloc(text.length + 5);
  bytes.write('P');
  bytes.writeInt32BE(text.length + 4, 1);
  text.copy(bytes, 5);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The SQL of a simple Query message. */
export function queryText(message: Uint8Array): string {
  return Buffer.from(message.buffer, message.byteOffset + 5, message.length - 6).toString();
}

/** The user named in a startup message, or ''. */
export function startupUser(message: Uint8Array): string {
  const words = Buffer.from(message.buffer, message.byteOffset + 8, message.length - 8)
    .toString()
    .split('\0');
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
export function errorResponse(code: string, message: string, severity: 'ERROR' | 'FATAL'): Uint8Array {
  const body = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`);
  const bytes = Buffer.alloc(body.length + 5);
  bytes.write('E');
  bytes.writeInt32BE(body.length + 4, 1);
  body.copy(bytes, 5);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
