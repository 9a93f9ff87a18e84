import { z } from 'zod';
import { endpoint } from '../../endpoint.ts';

/** `url` gets every turn. */
export const httpBotSettings = z.looseObject({ url: endpoint });
