/** A backend that comes again where it is told to: on a busy machine an API says so also while nothing is wrong with it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, ApiProblem } from '../../dev/api-client.ts';

const againMs = 500;

export function patientClient(client: ApiClient): ApiClient {
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ApiProblem && error.status === 503)) throw error;
        await pause(againMs);
      }
    }
  };
  return {
    url: client.url,
    get: (path) => insist(() => client.get(path)),
    post: (path, body, headers) => insist(() => client.post(path, body, headers)),
    put: (path, body) => insist(() => client.put(path, body)),
    patch: (path, body) => insist(() => client.patch(path, body)),
    as: (token) => patientClient(client.as(token)),
  };
}
