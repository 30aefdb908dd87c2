import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { escapeXml } from '../../base/draw/svg.ts';

const BROWSER = join(import.meta.dirname, '../browser');

export interface Asset {
  readonly type: string;
  readonly body: string;
}

/** Nothing but our own files: no inline script or style, no other site, no frame around us. */
export const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');

/** The document; everything in it is drawn by the script. */
export function shell(tag: string): Asset {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeXml(tag)}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css"><script type="module" src="page.js"></script></head>
<body><div id="app"><main><p>Reading the journal of ${escapeXml(tag)} …</p></main></div></body></html>
`;
  return { type: 'text/html; charset=utf-8', body };
}

let bundled: Promise<Record<'page.js' | 'page.css', Asset>> | undefined;

/** The script and the style, put together from `src/page/browser` and its packages at the first request. */
export async function asset(name: 'page.js' | 'page.css'): Promise<Asset> {
  bundled ??= bundle();
  return (await bundled)[name];
}

async function bundle(): Promise<Record<'page.js' | 'page.css', Asset>> {
  const { build } = await import('esbuild');
  const main = ['main.ts', 'main.js'].map((name) => join(BROWSER, name)).find(existsSync)!;
  const { outputFiles } = await build({
    entryPoints: { page: main, style: join(BROWSER, 'page.css') },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    outdir: '/',
    logLevel: 'silent',
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  return {
    'page.js': { type: 'text/javascript; charset=utf-8', body: text('page.js') },
    'page.css': { type: 'text/css; charset=utf-8', body: text('style.css') },
  };
}
