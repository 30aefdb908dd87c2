import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../../../base/errors.ts';
import { fieldOf } from './json.ts';
import type { RawRow, RowSource } from './row.ts';
import { guarded } from './unpack.ts';

/** Rows that are cut at once out of a file of columns. */
const PIECE = 20_000;

/** A file of columns, its first row their names: Parquet or Arrow (Feather 2). Null for any other. */
export function columnarRows(path: string, head: Buffer): RowSource | null {
  const mark = head.toString('latin1');
  if (mark.startsWith('FEA1'))
    throw new UsageError(`${path} is Feather of version 1`, {
      remedy: 'Write it again with pandas or pyarrow (to_feather, version 2), or as Parquet.',
    });
  const rows = mark.startsWith('PAR1') ? parquetRows : mark.startsWith('ARROW1') ? arrowRows : null;
  if (!rows) return null;
  const { size } = statSync(path);
  let done = 0;
  const note = (share: number) => {
    done = share * size;
  };
  return { rows: guarded(rows(path, note), path), bytesRead: () => Math.round(done) };
}

async function* parquetRows(path: string, note: (share: number) => void): AsyncIterable<RawRow[]> {
  // loaded for such files alone
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  yield [columns];
  let rowStart = 0;
  // a group is unpacked as a whole, however few of its rows are asked for
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const objects = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
    for (let from = 0; from < objects.length; from += PIECE) {
      yield objects.slice(from, from + PIECE).map((row) => columns.map((name) => fieldOf(row[name])));
      note((rowStart + from) / Number(metadata.num_rows));
    }
    rowStart = rowEnd;
  }
}

async function* arrowRows(path: string, note: (share: number) => void): AsyncIterable<RawRow[]> {
  const { CompressionType, compressionRegistry, RecordBatchReader } = await import('apache-arrow');
  const { lz4Frame } = await import('./lz4-frame.ts');
  const { zstdDecompressSync } = await import('node:zlib');
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: lz4Frame });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => new Uint8Array(zstdDecompressSync(bytes)) });
  const bytes = readFileSync(path);
  const reader = RecordBatchReader.from(bytes);
  reader.open();
  yield [reader.schema.fields.map(({ name }) => name)];
  let rows: string[][] = [];
  for (const batch of reader) {
    const columns = batch.schema.fields.map((_, k) => batch.getChildAt(k)!);
    for (let i = 0; i < batch.numRows; i++) {
      rows.push(columns.map((column) => fieldOf(column.get(i))));
      if (rows.length < PIECE) continue;
      yield rows;
      rows = [];
    }
  }
  note(1);
  yield rows;
}
