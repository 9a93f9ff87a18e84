/**
 * What production runs: API, worker and the command, each with all of its modules in a few files, because finding, reading and
 * translating some hundred modules one by one is a third of what a process does before it is ready. Beside them lies what they
 * read at run time: the workflows' bundle, the migrations, the API's document, the script that sites embed. Nothing else of the
 * sources is needed to run them; packages are, from `node_modules`.
 */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleWidget } from '../../adapters/channels/webchat/widget/bundle.ts';
import { writeBundle } from '../../worker/bundle.ts';
import { openapiDocument } from './document.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
/** Where `npm run build` puts them. */
export const builtFolder = join(project, 'dist');
/** Each file of that folder that is run, and what it is made from. */
export const programs = { api: 'api/main.ts', worker: 'worker/main.ts', baton: 'worker/cli/run.ts' };
const widget = 'adapters/channels/webchat/widget';

/** Empties the folder, and makes the same of it for the same sources. */
export async function buildPrograms(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    bundlePrograms(folder),
    writeBundle(join(folder, 'workflow-bundle.js')),
    openapiDocument().then((document) => writeFile(join(folder, 'openapi.json'), JSON.stringify(document))),
    writeFile(join(folder, 'widget.js'), bundleWidget()),
    ...['demo.html', 'demo.js'].map((file) => cp(join(project, widget, file), join(folder, file))),
    cp(join(project, 'store/migrations'), join(folder, 'migrations'), { recursive: true }),
  ]);
}

function bundlePrograms(outdir: string): Promise<unknown> {
  return build({
    absWorkingDir: project,
    entryPoints: programs,
    outdir,
    bundle: true,
    // What is loaded only when it is needed (commands, traces) stays so.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // For call sites in logs, not to read the code: they name files and lines of the sources.
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
}
