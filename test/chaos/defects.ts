/** All defects that can be planted, by their name. */
import type { Defect } from './defects/defect.ts';
import { inboxDefects } from './defects/inbox.ts';
import { operationDefects } from './defects/operation.ts';
import { outboxDefects } from './defects/outbox.ts';
import { recordDefects } from './defects/record.ts';

const all: Defect[] = [...inboxDefects, ...outboxDefects, ...recordDefects, ...operationDefects];

export const defects: ReadonlyMap<string, Defect> = new Map(all.map((one) => [one.name, one]));
