import { ApiProblem } from '../api-client.ts';

/** The code with which the API refuses an action (409); '' where it accepts it. Anything else is thrown on. */
export async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return '';
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 409) return error.code;
    throw error;
  }
}
