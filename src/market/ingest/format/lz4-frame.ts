/**
 * Unpacks an LZ4 frame, which Feather files are packed in by default; no kept package without native code reads one.
 * Frame: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, block: lz4_Block_format.md beside it. Checksums are
 * skipped. Throws for bytes that are no frame or are cut short.
 */
export function lz4Frame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== 0x184d2204) throw new Error('no LZ4 frame');
  const flags = frame[4];
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  const blocks: { bytes: Uint8Array; plain: boolean }[] = [];
  for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
    const end = at + 4 + (size & 0x7fffffff);
    if (end > frame.length) throw new Error('the LZ4 frame is cut short');
    blocks.push({ bytes: frame.subarray(at + 4, end), plain: size >>> 31 === 1 });
    at = end + (flags & 0x10 ? 4 : 0);
  }
  const length = blocks.reduce(
    (sum, { bytes, plain }) => sum + (plain ? bytes.length : unpackBlock(bytes, null, 0)),
    0,
  );
  const out = new Uint8Array(length);
  let done = 0;
  for (const { bytes, plain } of blocks) {
    if (plain) out.set(bytes, done);
    done = plain ? done + bytes.length : unpackBlock(bytes, out, done);
  }
  return out;
}

/** Writes a block into `out` from `start` on; matches may reach back into earlier blocks. Answers the end; without `out` it only counts. */
function unpackBlock(block: Uint8Array, out: Uint8Array | null, start: number): number {
  let at = 0;
  let done = start;
  const long = (short: number) => {
    let length = short;
    if (short < 15) return length;
    let more: number;
    do {
      more = block[at++];
      length += more;
    } while (more === 255);
    return length;
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = long(token >> 4);
    out?.set(block.subarray(at, at + literals), done);
    at += literals;
    done += literals;
    if (at >= block.length) break;
    const from = done - (block[at] | (block[at + 1] << 8));
    at += 2;
    const match = long(token & 15) + 4;
    if (out && from < 0) throw new Error('an LZ4 match begins before the frame');
    // byte by byte: a match may repeat what it is just writing
    if (out) for (let k = 0; k < match; k++) out[done + k] = out[from + k];
    done += match;
  }
  return done;
}
