import { expect, test } from 'vitest';
import { readConfig } from '../../worker/config.ts';

const settings = {
  BATON_DATABASE_URL: 'postgres://worker@127.0.0.1/baton',
  BATON_TOKEN_KEY: 's'.repeat(40),
};

test('a worker is of no deployment unless it is told', () => {
  expect(readConfig(settings).BATON_DEPLOYMENT).toBeUndefined();
});

test('B-19: a worker of a deployment says of which build it is', () => {
  const ofDeployment = { ...settings, BATON_DEPLOYMENT: 'baton' };
  expect(() => readConfig(ofDeployment)).toThrow(/^The settings are not usable\.\nBATON_BUILD: names this build/);
  expect(readConfig({ ...ofDeployment, BATON_BUILD: '2026-11-27.1' })).toMatchObject({ BATON_DEPLOYMENT: 'baton' });
});

test.each(['a.b', 'a:b', '__baton', ''])('“%s” is no name that Temporal allows for a deployment', (name) => {
  const ofDeployment = { ...settings, BATON_DEPLOYMENT: name, BATON_BUILD: '1' };
  expect(() => readConfig(ofDeployment)).toThrow(/BATON_DEPLOYMENT: has neither dots nor colons/);
});
