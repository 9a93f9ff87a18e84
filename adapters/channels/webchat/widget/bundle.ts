import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';

const page = (file: string): string => fileURLToPath(new URL(`./page/${file}`, import.meta.url));

/** The script that sites embed: the modules of `page/` and their style sheet as one file, for browsers of these years. */
export function bundleWidget(): Buffer {
  const style = transformSync(readFileSync(page('style.css'), 'utf8'), { loader: 'css', minify: true }).code;
  const { outputFiles } = buildSync({
    entryPoints: [page('main.ts')],
    define: { STYLE: JSON.stringify(style) },
    tsconfigRaw: {},
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
}
