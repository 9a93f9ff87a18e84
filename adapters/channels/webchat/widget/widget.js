/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, for browsers as it stands */
/*
 * Baton's web chat, for any page:
 *   <script src="https://baton.example/…/widget.js" data-account="…" data-channel="…" async></script>
 * `data-visitor` may hold a JWT in which the site says who its visitor is.
 *
 * Nothing that anybody wrote becomes markup: words go in as text, addresses only as http(s) links. The session's token
 * travels in a header. What was sent is kept until the server has it, and goes again under the same id; the stream
 * resumes behind the last place seen. So neither a reload nor a restart of the server loses or repeats a message.
 */
(() => {
  const script = document.currentScript;
  const { account, channel, visitor } = script.dataset;
  const api = new URL('/v1/widget/', script.src).href;
  const storageKey = `baton:${account}:${channel}`;
  if (!account || !channel) return;
  const fresh = { who: visitor ? subjectOf(visitor) : null, token: null, unsent: [], seen: 0 };
  const state = { ...fresh, ...stored() };
  /** Lines by the message's id and by the id that we gave it. */
  const shown = new Map();
  /** Last place seen in the stream; null: nothing read yet. */
  let place = null;
  let stream = null;
  let sending = false;

  // ------------------------------------------------------------------------------------------------ what the page keeps
  function stored() {
    try {
      const kept = JSON.parse(localStorage.getItem(storageKey));
      // Somebody else has signed in to the site, or nobody any more: that chat is not theirs to see.
      return kept?.who === fresh.who ? kept : null;
    } catch {
      return null;
    }
  }
  function subjectOf(jwt) {
    try {
      return JSON.parse(atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sub;
    } catch {
      return jwt;
    }
  }
  function keep() {
    try {
      localStorage.setItem(storageKey, JSON.stringify(state));
    } catch {
      // A page without storage has a chat for as long as it is open.
    }
  }

  // ------------------------------------------------------------------------------------------------------ the server
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const later = (tries) => wait(Math.min(1000 * 2 ** tries, 30_000) * (0.5 + Math.random() / 2));

  function call(method, path, { body, headers, signal } = {}) {
    return fetch(api + path, {
      method,
      signal,
      headers: {
        ...(state.token && { authorization: `Bearer ${state.token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
  /** Best effort: nobody misses it. */
  const tell = (path, body) => void call('POST', path, { body }).catch(() => undefined);

  async function begin() {
    const body = { accountId: account, channelId: channel, visitor, pageUrl: location.href };
    const response = await call('POST', 'sessions', { body });
    if (!response.ok) throw new Error(`No session: ${response.status}`);
    const session = await response.json();
    Object.assign(state, { token: session.token, appearance: session.appearance });
    keep();
    dress();
  }
  function forget() {
    state.token = null;
    place = null;
    keep();
    stream?.abort();
  }

  /** Session, history, stream; and from the start again whenever one of them breaks. */
  async function run() {
    for (let tries = 0; ; tries += 1) {
      try {
        if (!state.token) await begin();
        if (place === null) await readHistory();
        void flush();
        await follow(() => (tries = 0));
      } catch {
        // Told by the pause below.
      }
      status(tries > 1 ? 'Connecting…' : '');
      await later(tries);
    }
  }

  async function readHistory() {
    for (let after = ''; ; after = place) {
      const response = await call('GET', `messages${after && `?after=${encodeURIComponent(after)}`}`);
      if (response.status === 401) forget();
      if (!response.ok) throw new Error(`No history: ${response.status}`);
      const { items, cursor } = await response.json();
      items.forEach(show);
      place = String(cursor);
      if (items.length === 0 || place === after) break;
    }
    // What is not sent yet comes after all that was said.
    state.unsent.forEach(({ clientMessageId }) => log.append(shown.get(clientMessageId)));
  }

  async function follow(alive) {
    stream = new AbortController();
    const { signal } = stream;
    const response = await call('GET', 'events', {
      headers: { accept: 'text/event-stream', 'last-event-id': place },
      signal,
    });
    if (response.status === 401) forget();
    if (!response.ok) throw new Error(`No stream: ${response.status}`);
    status('');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      // The server says something every 15 s; a connection that is silent for longer has died unnoticed.
      const silence = setTimeout(() => stream.abort(), 45_000);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      alive();
      const blocks = (buffer + value).split(/\r?\n\r?\n/);
      buffer = blocks.pop();
      blocks.forEach(take);
    }
  }
  function take(block) {
    const field = {};
    for (const line of block.split(/\r?\n/)) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name) field[name] = name === 'data' && field.data ? `${field.data}\n${value}` : value;
    }
    const data = JSON.parse(field.data ?? null);
    if (field.event === 'message') show(data);
    if (field.event === 'receipt') mark(data.messageId, data.status);
    if (field.event === 'typing') typing(data.on);
    if (field.id) place = field.id;
  }

  function say(text, payload) {
    const clientMessageId = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((b) => b.toString(16).padStart(2, '0'))
      .join('');
    state.unsent.push({ clientMessageId, text, payload: payload || undefined });
    keep();
    show(own(state.unsent.at(-1)));
    void flush();
  }
  const own = ({ clientMessageId, text }) => ({ clientMessageId, author: { kind: 'customer' }, content: { text } });

  /** In order, one at a time, each until the server has it or says that it never will. */
  async function flush() {
    if (sending || !state.token) return;
    sending = true;
    for (let tries = 0; state.token && state.unsent.length > 0; tries += 1) {
      const [message] = state.unsent;
      const response = await call('POST', 'messages', { body: message }).catch(() => null);
      const code = response?.status ?? 0;
      if (code === 401) forget();
      else if (response?.ok || (code >= 400 && code < 500 && code !== 408 && code !== 429)) {
        if (!response.ok) mark(message.clientMessageId, 'failed');
        state.unsent.shift();
        keep();
        tries = -1;
      } else {
        const asked = Number(response?.headers.get('retry-after')) * 1000;
        await (asked > 0 ? wait(Math.min(asked, 60_000)) : later(tries));
      }
    }
    sending = false;
  }

  // -------------------------------------------------------------------------------------------------------- the screen
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { --accent: #0b6e4f; --on-accent: #fff; font: 15px/1.4 system-ui, sans-serif; color: #1b1b1b; }
    * { box-sizing: border-box; }
    .launcher, .panel { position: fixed; right: 20px; z-index: 2147483000; }
    button { font: inherit; cursor: pointer; border: 0; border-radius: 18px; padding: 8px 14px; }
    .launcher, header, .send, .line.mine { background: var(--accent); color: var(--on-accent); }
    .launcher { bottom: 20px; box-shadow: 0 2px 10px #0004; }
    .panel { bottom: 76px; width: min(360px, calc(100vw - 40px)); height: min(520px, calc(100vh - 110px)); display: flex;
      flex-direction: column; background: #fff; border-radius: 14px; overflow: hidden; box-shadow: 0 6px 30px #0004; }
    .panel[hidden] { display: none; }
    header { padding: 10px 16px; display: flex; align-items: center; gap: 8px; font-weight: 600; }
    header span { flex: 1; }
    header button { background: none; color: inherit; padding: 4px 6px; font-weight: 400; text-decoration: underline; }
    .log { flex: 1; overflow-y: auto; padding: 12px; display: flex; flex-direction: column; gap: 8px; }
    .line { max-width: 85%; align-self: flex-start; padding: 8px 12px; border-radius: 14px; background: #f0f0f0;
      white-space: pre-wrap; overflow-wrap: anywhere; }
    .mine { align-self: flex-end; }
    .engine { align-self: center; background: none; color: #5a5a5a; font-size: 13px; text-align: center; }
    .who, .mark { display: block; font-size: 12px; opacity: .8; }
    .line a { color: inherit; display: block; }
    .choices { display: flex; flex-wrap: wrap; gap: 6px; }
    .choices button { background: #fff; color: var(--accent); border: 1px solid var(--accent); }
    .status { min-height: 18px; padding: 0 14px; font-size: 12px; color: #5a5a5a; }
    form { display: flex; gap: 8px; padding: 10px; border-top: 1px solid #ddd; }
    textarea { flex: 1; resize: none; font: inherit; padding: 8px; border: 1px solid #888; border-radius: 10px; height: 40px; }
    :focus-visible { outline: 2px solid #1b1b1b; outline-offset: 2px; }
  `);

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    const { aria = {}, ...plain } = properties;
    Object.assign(made, plain);
    Object.entries(aria).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  const host = element('div');
  const root = host.attachShadow({ mode: 'closed' });
  root.adoptedStyleSheets = [style];
  const title = element('span', { textContent: 'Chat' });
  const leave = element('button', { type: 'button', textContent: 'Stop waiting', title: 'I no longer need a person' });
  const close = element('button', { type: 'button', textContent: '✕', aria: { 'aria-label': 'Close the chat' } });
  const log = element('div', {
    className: 'log',
    aria: { role: 'log', 'aria-live': 'polite', tabindex: '0', 'aria-label': 'Messages' },
  });
  const note = element('div', { className: 'status', aria: { role: 'status' } });
  const input = element('textarea', {
    placeholder: 'Your message',
    maxLength: 10_000,
    aria: { 'aria-label': 'Your message' },
  });
  const form = element('form', {}, input, element('button', { className: 'send', textContent: 'Send' }));
  const panel = element(
    'section',
    { className: 'panel', hidden: true, aria: { role: 'dialog', 'aria-label': 'Chat' } },
    element('header', {}, title, leave, close),
    log,
    note,
    form,
  );
  const launcher = element('button', { className: 'launcher', type: 'button', aria: { 'aria-expanded': 'false' } });
  root.append(panel, launcher);

  function dress() {
    const { title: words, greeting, colours } = state.appearance ?? {};
    if (words) panel.setAttribute('aria-label', (title.textContent = words));
    if (colours?.accent) host.style.setProperty('--accent', colours.accent);
    if (colours?.onAccent) host.style.setProperty('--on-accent', colours.onAccent);
    if (greeting && !shown.has('greeting'))
      show({ id: 'greeting', author: { kind: 'bot' }, content: { text: greeting } });
    count();
  }
  function count() {
    launcher.textContent = unread.size > 0 ? `${title.textContent} (${unread.size})` : title.textContent;
  }
  function status(words) {
    note.textContent = words;
  }

  const unread = new Set();
  let reading;
  /** Several messages at once are one receipt. */
  function see() {
    clearTimeout(reading);
    if (panel.hidden || unread.size === 0) return;
    reading = setTimeout(() => {
      state.seen = Math.max(...unread);
      unread.clear();
      keep();
      count();
      tell('read', { place: state.seen });
    }, 200);
  }

  function show(message) {
    const { id, clientMessageId, author, content } = message;
    const known = shown.get(clientMessageId) ?? shown.get(id);
    const line = known ?? draw(author, content);
    [id, clientMessageId].filter(Boolean).forEach((name) => shown.set(name, line));
    if (known) return;
    log.querySelector('.choices')?.remove();
    log.append(line);
    if (content.buttons) log.append(choices(content.buttons));
    log.scrollTop = log.scrollHeight;
    if (author.kind === 'customer') return;
    typing(false);
    if (!(message.place > state.seen)) return;
    unread.add(message.place);
    count();
    see();
  }

  function draw({ kind, name }, { text, attachments = [] }) {
    const line = element('div', { className: `line ${kind === 'customer' ? 'mine' : kind}` });
    if (kind !== 'customer' && name) line.append(element('span', { className: 'who', textContent: name }));
    if (text) line.append(element('span', { textContent: text }));
    attachments
      .filter(({ url }) => /^https?:\/\//i.test(url))
      .forEach(({ url, name: file }) =>
        line.append(
          element('a', { href: url, target: '_blank', rel: 'noopener noreferrer', textContent: file ?? url }),
        ),
      );
    return line;
  }
  function choices(buttons) {
    const made = buttons.map(({ title: words, payload }) =>
      element('button', { type: 'button', textContent: words, onclick: () => say(words, payload) }),
    );
    return element('div', { className: 'choices' }, ...made);
  }
  function mark(id, what) {
    const line = shown.get(id);
    const words = { sent: '', delivered: 'Delivered', read: 'Read', failed: 'Not sent' }[what];
    if (!line?.classList.contains('mine') || !words) return;
    line.querySelector('.mark')?.remove();
    line.append(element('span', { className: 'mark', textContent: words }));
  }
  let typingEnds;
  function typing(on) {
    clearTimeout(typingEnds);
    status(on ? 'Writing…' : '');
    if (on) typingEnds = setTimeout(() => status(''), 8000);
  }

  let running = false;
  function open(on) {
    panel.hidden = !on;
    launcher.setAttribute('aria-expanded', String(on));
    (on ? input : launcher).focus();
    if (!on) return;
    see();
    if (!running) void run();
    running = true;
  }
  launcher.onclick = () => open(panel.hidden);
  close.onclick = () => open(false);
  leave.onclick = () => tell('cancel', {});
  panel.onkeydown = ({ key }) => key === 'Escape' && open(false);
  let told = 0;
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    input.value = '';
    // A message ends what the other side was told; what is written next is news again.
    told = 0;
    if (text) say(text);
  };
  input.oninput = () => {
    if (Date.now() - told < 3000) return;
    told = Date.now();
    tell('typing', { on: true });
  };
  input.onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };

  dress();
  state.unsent.forEach((message) => show(own(message)));
  (document.body ?? document.documentElement).append(host);
  if (state.token) {
    running = true;
    void run();
  }
})();
