export function hasCode(error: unknown, ...codes: (string | number)[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(error.code as string | number);
}

/** undefined where it isn't there, which one of these codes says; any other failure is thrown. */
export function ifThere<T>(asked: Promise<T>, codes: (string | number)[] = ['ENOENT']): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  });
}
