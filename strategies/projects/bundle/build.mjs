// Bundles src/ without running any of it.
import { buildSync } from 'esbuild';

buildSync({
  entryPoints: ['src/main.js'],
  bundle: true,
  minify: true,
  treeShaking: true,
  format: 'esm',
  outfile: 'dist/bundle.js',
  logLevel: 'error',
});
