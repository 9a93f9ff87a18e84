/** `npm run docs`: writes the parts of the pages that are made from the code. */
import { writeFile } from 'node:fs/promises';
import { pages, readPage, remade } from './pages.ts';

for (const name of pages) {
  const page = await readPage(name);
  const text = remade(page);
  if (text !== page.text) {
    await writeFile(page.path, text);
    console.log(`wrote ${name}`);
  }
}
