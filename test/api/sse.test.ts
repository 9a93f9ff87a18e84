import { connect } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { createEventStreams, type EventStream, serveEvents } from '../../api/sse.ts';
import { until } from '../support/until.ts';

/** A server of one stream, and a client that asks for it and reads when it is told to. */
async function stuckClient(patienceMs: number) {
  const app = Fastify();
  const streams = createEventStreams(patienceMs);
  await serveEvents(app);
  let opened: EventStream | null = null;
  app.get('/', { sse: 'manual' }, async (_request, reply) => {
    opened = streams.open(reply);
    await opened.closed;
  });
  await app.listen({ port: 0 });
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => opened !== null);
  const stream = opened as unknown as EventStream;
  return {
    stream,
    socket,
    async close() {
      socket.destroy();
      streams.endAll();
      await app.close();
    },
  };
}

const large = { event: 'message', data: 'x'.repeat(100_000) };

test('a client that takes nothing is sent away, and its sender is told', async () => {
  const { stream, close } = await stuckClient(100);
  let sent = 0;
  while (await stream.send(large)) sent += 1;
  await stream.closed;
  expect(stream.isOpen).toBe(false);
  expect(await stream.send(large)).toBe(false);
  // What it was sent stood in the buffers of the system, and one message in ours.
  expect(sent).toBeLessThan(1_000);
  await close();
});

test('a client that goes while its socket is full leaves nobody waiting', async () => {
  const { stream, socket, close } = await stuckClient(60_000);
  let sent = 0;
  const sending = (async () => {
    while (await stream.send(large)) sent += 1;
    return 'told';
  })();
  await until(() => sent > 0);
  socket.destroy();
  expect(await sending).toBe('told');
  await close();
});
