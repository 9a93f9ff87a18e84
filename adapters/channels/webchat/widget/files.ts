import { readFileSync } from 'node:fs';
import { bundleWidget } from './bundle.ts';

interface WidgetFile {
  type: string;
  read: () => Buffer;
}

const file = (name: string, type: string): WidgetFile => ({
  type: `${type}; charset=utf-8`,
  read: () => readFileSync(new URL(`./${name}`, import.meta.url)),
});

/** The script that sites embed, and a page to try it on; the API serves them side by side. */
export const widgetFiles = {
  'widget.js': { type: 'text/javascript; charset=utf-8', read: bundleWidget },
  'demo.html': file('demo.html', 'text/html'),
  'demo.js': file('demo.js', 'text/javascript'),
} satisfies Record<string, WidgetFile>;
