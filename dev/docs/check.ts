/** `npm run docs:check`: are the made parts of the pages up to date, and does what the pages name exist? */
import { complaintsAbout } from './complaints.ts';
import { pages, readPage } from './pages.ts';

const complaints = await Promise.all(pages.map(async (name) => complaintsAbout(await readPage(name))));
for (const complaint of complaints.flat()) console.error(complaint);
if (complaints.flat().length > 0) process.exitCode = 1;
else console.log(`${pages.length} pages say what the code says`);
