import type { DeskAdapter } from '../contract/desk.ts';
import { http } from './http/http.ts';

/** Every kind of desk, by the name that stands in `desks.type`. */
export const desks: ReadonlyMap<string, DeskAdapter> = new Map([http].map((one) => [one.type, one]));
