import { readFile } from 'node:fs/promises';

interface WidgetFile {
  type: string;
  read: () => Promise<Buffer>;
}

/** A built program has the script beside itself, and no sources to make it from. */
const isBuilt = !import.meta.url.endsWith('.ts');

const file = (name: string, type: string): WidgetFile => ({
  type: `${type}; charset=utf-8`,
  read: () => readFile(new URL(`./${name}`, import.meta.url)),
});

const made: WidgetFile = {
  type: 'text/javascript; charset=utf-8',
  read: async () => (await import('./bundle.ts')).bundleWidget(),
};

/** The script that sites embed, and a page to try it on; the API serves them side by side. */
export const widgetFiles = {
  'widget.js': isBuilt ? file('widget.js', 'text/javascript') : made,
  'demo.html': file('demo.html', 'text/html'),
  'demo.js': file('demo.js', 'text/javascript'),
} satisfies Record<string, WidgetFile>;
