/**
 * Cuts text into parts of at most `max` UTF-16 units (the unit in which networks count): behind a paragraph, a line or a
 * sentence in the second half of what fits, else behind a word, so that an address that fits stays whole. A word longer
 * than a part is cut between two characters as people see them. The white space at a cut is replaced by the cut;
 * nothing else is lost.
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

const GOOD_PLACES = [/\n[ \t]*\n/g, /\n/g, /[.!?…。！？]["')\]]*\s/g];

function cutBefore(text: string, max: number): number {
  // One unit more, so that white space right behind a full part counts as a place.
  const window = text.slice(0, max + 1);
  for (const place of GOOD_PLACES) {
    const last = lastEnd(window, place, max);
    if (last > max / 2) return last;
  }
  const lastWord = lastEnd(window, /\s/g, max);
  const [nextWord = ''] = text
    .slice(lastWord)
    .trimStart()
    .slice(0, max + 1)
    .split(/\s/, 1);
  return lastWord > max / 2 || (lastWord > 0 && nextWord.length <= max) ? lastWord : betweenCharacters(text, max);
}

/** Where the last such place ends, without the white space behind it; 0 without one. */
function lastEnd(window: string, place: RegExp, max: number): number {
  const ends = [...window.matchAll(place)].map((match) => match.index + match[0].trimEnd().length);
  return ends.findLast((end) => end <= max) ?? 0;
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A character longer than `max` (a family of emoji on a tiny channel) is cut between code points. */
function betweenCharacters(text: string, max: number): number {
  // Boundaries depend on what stands around: so from some way before the place to some way behind it, no further.
  const from = Math.max(0, max - 256);
  const starts = [...characters.segment(text.slice(from, max + 64))].map(({ index }) => from + index);
  const end = starts.findLast((start) => start <= max) ?? 0;
  if (end > from) return end;
  const code = text.codePointAt(max - 1) ?? 0;
  return code > 0xffff && max > 1 ? max - 1 : max;
}
