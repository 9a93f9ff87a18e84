/** At most so many at once for one key; the others wait in line. */
export interface InFlight {
  /** Resolves with the way to give the place back. */
  enter(key: string): Promise<() => void>;
}

export function createInFlight(most: number): InFlight {
  const lines = new Map<string, { inside: number; waiting: (() => void)[] }>();

  const leave = (key: string): void => {
    const line = lines.get(key);
    const next = line?.waiting.shift();
    if (next) next();
    else if (line && (line.inside -= 1) === 0) lines.delete(key);
  };

  return {
    async enter(key) {
      const line = lines.get(key) ?? { inside: 0, waiting: [] };
      lines.set(key, line);
      if (line.inside < most) line.inside += 1;
      else await new Promise<void>((resolve) => line.waiting.push(resolve));
      return () => leave(key);
    },
  };
}
