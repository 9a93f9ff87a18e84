/**
 * Markdown as people read it without a renderer: marks go, words and addresses stay, and what is inside code stays as
 * it is. Covers what bots write (emphasis, links, images, headings, lists, code), not all of CommonMark.
 */
export function plainText(markdown: string): string {
  const kept: string[] = [];
  /** Takes words out of reach of the rules that follow; a NUL of the text itself can't pass for one of ours. */
  const keep = (words: string) => `\0${kept.push(words) - 1}\0`;
  const restore = (text: string): string =>
    text.replace(/\0(\d+)\0/g, (_, no: string) => restore(kept[Number(no)] ?? ''));

  // Every repetition ends at a mark, a line or a limit: nobody can write text that takes long to read.
  const text = markdown
    .replaceAll('\0', '\uFFFD')
    .replace(/```[^\n`]{0,100}\n([\s\S]*?)\n?```/g, (_, code: string) => keep(code))
    .replace(/`([^`\n]+)`/g, (_, code: string) => keep(code))
    .replace(/\\([\\`*_{}[\]()#+\-.!~>|])/g, (_, mark: string) => keep(mark))
    .replace(IMAGE, (_, alt: string, url: string) => `${alt && `${alt}: `}${keep(url)}`)
    .replace(LINK, (_, words: string, url: string) => (words === url ? keep(url) : `${words} (${keep(url)})`))
    .replace(/<((?:https?:\/\/|mailto:)[^\s<>]+)>/gi, (_, url: string) => keep(url))
    .replace(/https?:\/\/[^\s*]+/gi, keep);
  return restore(withoutMarks(text));
}

const IMAGE = /!\[([^[\]\n]{0,500})\]\(<?([^()\s<>]{1,2048})>?(?: [^()\n]{0,500})?\)/g;
const LINK = /\[([^[\]\n]{1,500})\]\(<?([^()\s<>]{1,2048})>?(?: [^()\n]{0,500})?\)/g;

/** The longest marks first, then the inner ones, so that marks within marks go too. */
function withoutMarks(text: string): string {
  return text
    .replace(/^ {0,3}#{1,6} +([^\n]*)$/gm, (_, words: string) => words.trimEnd().replace(/ #{1,6}$/, ''))
    .replace(/^( *)[*+] +/gm, '$1- ')
    .replace(/(?<!\*)\*\*\*(?=\S)([^*]+?)(?<=\S)\*\*\*(?!\*)/g, '$1')
    .replace(/(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])/g, '$1')
    .replace(/(?<!\*)\*\*(?=\S)([^*]+?)(?<=\S)\*\*(?!\*)/g, '$1')
    .replace(/(?<!\w)_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?!\w)/g, '$1')
    .replace(/(?<!\w)__(?=\S)([^_]+?)(?<=\S)__(?!\w)/g, '$1')
    .replace(/~~(?=\S)([^~]+?)(?<=\S)~~/g, '$1');
}
