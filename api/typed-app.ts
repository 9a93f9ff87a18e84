/**
 * The app as a file of routes sees it: what a handler gets and answers has the types of its route's schemas. Such a file
 * is a plugin that reads as its table of contents, then a function for each route: `listTags(app)` adds the one that
 * lists tags.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

export type App = Parameters<FastifyPluginAsyncZod>[0];
