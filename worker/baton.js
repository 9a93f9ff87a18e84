#!/usr/bin/env node
// The sources are TypeScript: this teaches Node to read them.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv.slice(2));
