import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDir } from '../../dev/home.ts';

/**
 * The README's blocks as one script for bash. A `sh` block that a `text` block follows is repeated until it prints just
 * that: what it looks at takes its time. Any other runs once, and must not fail.
 */
export async function readmeScript(): Promise<string> {
  const text = await readFile(join(projectDir, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```(sh|text)\n([^]*?)^```$/gm)].map(([, kind, body = '']) => ({ kind, body }));
  const parts = blocks.map(({ kind, body }, index) => {
    if (kind === 'text') return '';
    const next = blocks[index + 1];
    return next?.kind === 'text' ? untilPrints(body, next.body) : body;
  });
  return ['set -euo pipefail', UNTIL_PRINTS, ...parts].join('\n');
}

const UNTIL_PRINTS = `
until_prints() {
  for _ in $(seq 300); do
    actual=$(look)
    [ "$actual" = "$1" ] && return
    sleep 0.1
  done
  printf 'Wanted:\\n%s\\nFound:\\n%s\\n' "$1" "$actual"
  exit 1
}`;

function untilPrints(command: string, expected: string): string {
  return `look() {\n${command}}\nuntil_prints "$(cat <<'EXPECTED'\n${expected}EXPECTED\n)"\n`;
}
