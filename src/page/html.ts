import { escapeXml } from '../base/draw/svg.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: 13px; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } figcaption { font-size: 13px; opacity: .75; }
svg { width: 100%; max-width: 640px; font: 11px system-ui, sans-serif; } svg text { fill: currentColor; }
.picture svg { background: #fff; color: #1b1f24; }
.keep { color: #1a7f37; font-weight: 600; } .crash { color: #cf222e; } .none { opacity: .7; }
`;

/** A whole page on its own: no script, no request to anywhere. */
export function page(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)}</title><style>${STYLE}</style></head>
<body>
${body.join('\n')}
</body></html>
`;
}

/** A table; cells that are numbers are aligned to the right. Everything is escaped. */
export function htmlTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '<p class="none">None yet.</p>';
  const cell = (value: string | number, i: number, tag: 'td' | 'th') => {
    const numeric = rows.every((row) => typeof row[i] === 'number' || /^-?[\d.,%]*$/.test(String(row[i])));
    const outcome = tag === 'td' && ['keep', 'discard', 'crash'].includes(String(value)) ? String(value) : '';
    const classes = [numeric ? 'n' : '', outcome].filter(Boolean).join(' ');
    return `<${tag}${classes ? ` class="${classes}"` : ''}>${escapeXml(String(value))}</${tag}>`;
  };
  const top = `<tr>${head.map((name, i) => cell(name, i, 'th')).join('')}</tr>`;
  return `<table>\n${top}\n${rows.map((row) => `<tr>${row.map((value, i) => cell(value, i, 'td')).join('')}</tr>`).join('\n')}\n</table>`;
}
