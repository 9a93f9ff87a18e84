/**
 * Cuts text into parts of at most `max` UTF-16 units (the unit in which networks count), at the best place in the
 * second half of what fits: paragraph, line, sentence, word, else between two characters as people see them. The white
 * space at a cut is replaced by the cut; nothing else is lost.
 */
export function splitText(text: string, max: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const at = cutBefore(rest, max);
    const part = rest.slice(0, at).trimEnd();
    if (part !== '') parts.push(part);
    rest = rest.slice(at).trimStart();
  }
  return rest === '' && parts.length > 0 ? parts : [...parts, rest];
}

const PLACES = [/\n[ \t]*\n/g, /\n/g, /[.!?…。！？]["')\]]*\s/g, /\s/g];

function cutBefore(text: string, max: number): number {
  // One unit more, so that a space right behind a full part counts as a place.
  const window = text.slice(0, max + 1);
  for (const place of PLACES) {
    const ends = [...window.matchAll(place)].map((match) => match.index + match[0].trimEnd().length);
    const last = ends.filter((end) => end > max / 2 && end <= max).at(-1);
    if (last !== undefined) return last;
  }
  return betweenCharacters(text, max);
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A character longer than `max` (a family of emoji on a tiny channel) is cut between code points, or inside at worst. */
function betweenCharacters(text: string, max: number): number {
  // Segmentation looks ahead: a window that ends inside a character would see a boundary where there is none.
  const window = text.slice(0, max + 64);
  let end = 0;
  for (const { index } of characters.segment(window)) {
    if (index > max) break;
    end = index;
  }
  if (end > 0) return end;
  const code = text.codePointAt(max - 1) ?? 0;
  return code > 0xffff && max > 1 ? max - 1 : max;
}
