#!/usr/bin/env node
// The sources are TypeScript: this teaches Node to read them.
import { register } from 'tsx/esm/api';

register();
await import('./cli/run.ts');
