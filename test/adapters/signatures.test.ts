import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signedHeaders, verifySignature } from '../../adapters/signatures.ts';
import { now, rawRequest, signedRequest } from './raw-request.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('R20: the example of the Standard Webhooks specification', () => {
  const request = rawRequest('{"test": 2432232314}', {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  expect(verifySignature({ ...request, receivedAt: 1_614_265_330_000 }, [secret])).toEqual({ ok: true });
});

describe('R20: says why it refuses', () => {
  const good = signedRequest('{}', secret);
  const without = (name: string) => ({ ...good, headers: { ...good.headers, [name]: undefined } });
  const header = (name: string, value: string) => ({ ...good, headers: { ...good.headers, [name]: value } });
  test.each([
    ['signature-missing', without('webhook-signature')],
    ['signature-missing', without('webhook-id')],
    ['signature-missing', without('webhook-timestamp')],
    ['signature-malformed', header('webhook-id', 'a.b')],
    ['signature-malformed', header('webhook-id', 'a'.repeat(256))],
    ['signature-malformed', header('webhook-timestamp', '1e9')],
    ['signature-malformed', header('webhook-timestamp', `${now / 1000}.5`)],
    ['signature-malformed', header('webhook-timestamp', '-5')],
    ['signature-stale', header('webhook-timestamp', '0')],
    ['signature-wrong', header('webhook-timestamp', String(now / 1000 + 1))],
    ['signature-wrong', header('webhook-id', 'msg_2')],
    ['signature-wrong', header('webhook-signature', `v1a,${good.headers['webhook-signature']?.slice(3)}`)],
    ['signature-wrong', header('webhook-signature', `${'v1,AAAA '.repeat(20)}${good.headers['webhook-signature']}`)],
  ])('%s', (code, request) => {
    expect(verifySignature(request, [secret])).toEqual({ ok: false, status: 401, code });
  });
});

test('R20: any signature of a list may be the right one', () => {
  const good = signedRequest('{}', secret);
  const list = `v1,AAAA v1a,BBBB ${good.headers['webhook-signature']}`;
  const headers = { ...good.headers, 'webhook-signature': list };
  expect(verifySignature({ ...good, headers }, [secret])).toEqual({ ok: true });
});

test('R20: bytes that are no UTF-8 never pass for the text that they would be read as', () => {
  const good = signedRequest('{"a":"\uFFFD"}', secret);
  const body = Buffer.from(good.body);
  const cut = Buffer.concat([body.subarray(0, 6), Buffer.from([0xff]), body.subarray(9)]);
  expect(Buffer.from(cut).toString()).toBe('{"a":"\uFFFD"}');
  expect(verifySignature({ ...good, body: cut }, [secret])).toMatchObject({ code: 'signature-wrong' });
});

test('R20: a byte order mark is part of what is signed', () => {
  const good = signedRequest('\uFEFF{}', secret);
  expect(verifySignature(good, [secret])).toEqual({ ok: true });
  expect(verifySignature({ ...good, body: Buffer.from('{}') }, [secret])).toMatchObject({ ok: false });
});

test('during a rotation we sign with both secrets, so either receiver can check', () => {
  const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
  const at = Date.now();
  const headers = signedHeaders('key:1', at, '{"a":"é"}', [other, secret]) ?? {};
  for (const one of [secret, other]) expect(new Webhook(one).verify('{"a":"é"}', headers)).toEqual({ a: 'é' });
});

test('without a usable secret nothing is signed, and a key with a dot is a bug', () => {
  expect(signedHeaders('key', now, '{}', ['', 'whsec_%%'])).toBeNull();
  expect(() => signedHeaders('a.b', now, '{}', [secret])).toThrow(/dot/);
});
