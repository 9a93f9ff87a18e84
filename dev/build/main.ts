/** `npm run build`: the programs of production, into `dist/`. */
import { buildPrograms, builtFolder } from './programs.ts';

await buildPrograms(builtFolder);
