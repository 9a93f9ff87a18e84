import { startPostgres } from '../../dev/servers/postgres.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';

const [, , server, dataDir = ''] = process.argv;
const started = server === 'postgres' ? await startPostgres({ dataDir }) : await startTemporal({ dataDir });
process.stdout.write(String(started.pid));
