/** The script that sites embed, and a page to try it on; the API serves them side by side. */
export const widgetFiles = {
  'widget.js': { url: new URL('./widget.js', import.meta.url), type: 'text/javascript; charset=utf-8' },
  'demo.html': { url: new URL('./demo.html', import.meta.url), type: 'text/html; charset=utf-8' },
  'demo.js': { url: new URL('./demo.js', import.meta.url), type: 'text/javascript; charset=utf-8' },
} as const;
