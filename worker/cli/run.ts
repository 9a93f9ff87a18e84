/** The `baton` command as a process; `worker/baton.js` runs it from these sources. */
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2));
