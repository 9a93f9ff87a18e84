/** A courier in a process of its own, so that a test can kill it. */
import pino from 'pino';
import { connect } from '../../courier/connection.ts';
import { startCourier } from '../../courier/courier.ts';
import { createPool } from '../../store/connection.ts';

const [databaseUrl = '', address = '', taskQueue = ''] = process.argv.slice(2);
const temporal = connect({ address, namespace: 'default' });
const courier = startCourier({
  pool: createPool({ url: databaseUrl, max: 5, name: 'test-courier-process' }),
  client: temporal.client,
  taskQueue,
  logger: pino({ enabled: false }),
  concurrency: 2,
  batch: 10,
});
await courier.ready;
process.stdout.write('ready\n');
