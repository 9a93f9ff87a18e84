import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange } from '../../adapters/exchange.ts';
import { createOutside, isPublic } from '../../worker/outside.ts';

const secrets = [`whsec_${Buffer.alloc(32).toString('base64')}`];
const outside = { any: createOutside({ publicOnly: false }), public: createOutside({ publicOnly: true }) };
let asked = 0;
const server = createServer((_request, response) => {
  asked += 1;
  response.end('{}');
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  await Promise.all([outside.any.close(), outside.public.close()]);
  server.close();
});

const post = (host: string, of: keyof typeof outside) =>
  exchange(
    { url: `http://${host}:${port}/`, id: 'message-1', type: 'message.send', data: {} },
    {
      http: outside[of],
      signal: AbortSignal.timeout(10_000),
      connection: { accountId: 'account-1', id: 'channel-1', settings: {}, secrets },
      now: Date.now(),
    },
  );

test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '10.0.0.1'])(
  'R20: an account can’t have %s called where only public addresses may be, and it is not tried again',
  async (host) => {
    const before = asked;
    expect(await post(host, 'public')).toMatchObject({ ok: false, class: 'permanent', code: 'address-not-public' });
    expect(asked).toBe(before);
  },
);

test.each(['127.0.0.1', 'localhost'])('anywhere else %s is an address like others', async (host) => {
  expect(await post(host, 'any')).toMatchObject({ ok: true, status: 200 });
});

test('hosts of the internet are public, whatever they are called', () => {
  expect(['1.1.1.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111'].filter(isPublic)).toHaveLength(4);
  const own = ['169.254.169.254', '192.168.1.1', '100.64.0.1', '::', '::1', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1'];
  expect(own.filter(isPublic)).toEqual([]);
});
