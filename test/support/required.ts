/** A value that the test has set up; without it the test is wrong, and says so. */
export function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('The test did not set this up');
  return value;
}
