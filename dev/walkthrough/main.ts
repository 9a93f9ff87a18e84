/** `npm run demo`: a conversation from the first message to the audit, against what `npm run dev` runs. */
import { type Home, homeOf, shown } from '../home.ts';
import { findClaim, type Running } from '../running.ts';
import { audit } from './audit.ts';
import { block } from './block.ts';
import { handover } from './handover.ts';
import { createNarration, type Narration } from './narration.ts';
import { createScene } from './scene.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function walkThrough(running: Running, home: Home, narration: Narration): Promise<void> {
  const scene = await createScene(running, narration);
  const conversations = [await handover(scene), await block(scene)];
  const source = `source ${shown(home.shell)}`;
  for (const id of conversations) {
    // Names the account too, which is one of the demo's own.
    const name = `conversation:${scene.account.accountId}:${id}`;
    narration.step(`Who decided what, when and why: ${source}; npx baton audit ${name}`);
    narration.equal('the chain and the replay are sound', await audit(name, running.cli), 0);
  }
  print(`\nEverything went as it should. Look around with this account’s key: ${scene.account.key}`);
}

const home = homeOf(process.env);
const running = (await findClaim(home.running))?.running;
if (running === undefined) {
  print('Nothing runs here, or not quite yet. Start it in another terminal, and wait until it is up: npm run dev');
  process.exitCode = 1;
} else {
  const narration = createNarration(print);
  try {
    await walkThrough(running, home, narration);
  } catch (error) {
    print(`\n✗ Step ${narration.steps} differs. ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
// A chat's stream may still be open.
process.exit();
