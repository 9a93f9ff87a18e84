import { z } from 'zod';
import { endpoint } from '../../endpoint.ts';

/** `url` gets every call: is somebody there, an offer, a line of the customer, the news of an end. */
export const httpDeskSettings = z.looseObject({ url: endpoint });
