/**
 * Markdown as people read it without a renderer: marks go, words and addresses stay. What is inside code stays as it
 * is. Covers what bots write (emphasis, links, images, headings, lists, code), not all of CommonMark.
 */
export function plainText(markdown: string): string {
  return markdown
    .split(CODE)
    .map((piece, no) => (no % 2 === 1 ? codeAsText(piece) : proseAsText(piece)))
    .join('');
}

/** Captures, so that `split` yields prose and code in turn. */
const CODE = /(```[^\n]*\n[\s\S]*?\n?```|`[^`\n]+`)/;

function codeAsText(code: string): string {
  return code.startsWith('```') ? code.replace(/^```[^\n]*\n/, '').replace(/\n?```$/, '') : code.slice(1, -1);
}

function proseAsText(prose: string): string {
  return prose
    .replace(/!\[([^\]\n]*)\]\(\s*<?([^)\s>]+)>?[^)\n]*\)/g, (_, alt: string, url: string) =>
      alt ? `${alt}: ${url}` : url,
    )
    .replace(/\[([^\]\n]+)\]\(\s*<?([^)\s>]+)>?[^)\n]*\)/g, (_, words: string, url: string) =>
      words === url ? url : `${words} (${url})`,
    )
    .replace(/<((?:https?:\/\/|mailto:)[^\s>]+)>/gi, '$1')
    .replace(/^ {0,3}#{1,6} +(.*?)(?: +#+)? *$/gm, '$1')
    .replace(/^( *)[*+] +/gm, '$1- ')
    .replace(/(?<![\\*])\*\*(?=\S)([^*]+?)(?<=\S)\*\*/g, '$1')
    .replace(/(?<![\\\w_])__(?=\S)([^_]+?)(?<=\S)__(?!\w)/g, '$1')
    .replace(/(?<![\\*\w])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])/g, '$1')
    .replace(/(?<![\\\w_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])/g, '$1')
    .replace(/(?<!\\)~~(?=\S)([^~]+?)(?<=\S)~~/g, '$1')
    .replace(/\\([\\`*_{}[\]()#+\-.!~>|])/g, '$1');
}
