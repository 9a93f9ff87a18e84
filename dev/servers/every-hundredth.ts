/** For what reports line by line and would say too much: calls `say` at every hundredth call. */
export function everyHundredth(say: (count: number) => void): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count % 100 === 0) say(count);
  };
}
