/** A way to a server that can be cut and mended: how a process sees Postgres or Temporal go away and come back. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Cuttable {
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function cuttableWayTo(host: string, port: number): Promise<Cuttable> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const pass = (near: Socket): void => {
    const far = connect(port, host);
    [near, far].forEach(keep);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  };
  const listen = async (at: number): Promise<Server> => {
    const server = createServer(pass).listen(at, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    async cut() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
    async mend() {
      server = await listen(own);
    },
  };
}
