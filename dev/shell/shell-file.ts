import { fileURLToPath } from 'node:url';
import type { Running } from '../running.ts';

/**
 * What the README's commands stand on, for any shell that descends from sh. Nothing that it exports says to `npm run dev` or
 * `npm test`, started in the same terminal, that there are servers of somebody else's to use.
 */
export function shellFile({ urls, account, agentToken, operatorKey, cli }: Running): string {
  const values = {
    API: urls.api,
    JSON: 'content-type: application/json',
    OPERATOR_KEY: operatorKey,
    KEY: account.key,
    ACCOUNT: account.accountId,
    CHANNEL: account.channels.webchat.id,
    ADA: account.agents.ada,
    ADAS_TOKEN: agentToken,
    ...cli,
    BATON_ACCOUNT: account.accountId,
  };
  return [
    '# Written by `npm run dev`: where everything is, and the demo keys.',
    ...Object.entries(values).map(([name, value]) => `export ${name}='${value}'`),
    functions,
  ].join('\n');
}

const answer = `node --import '${import.meta.resolve('tsx')}' '${fileURLToPath(new URL('./answer.ts', import.meta.url))}'`;

const functions = `
# One value of an answer: field .items.0.id. A problem is told, and is an error.
field() { ${answer} field "$1"; }

# What was said, a line each: who, and what.
lines() { ${answer} lines; }

# What the visitor sees from here on, as soon as it is so many lines; after 30 s, or a problem, it is an error.
hear() {
  [ "\${HEARD_BY-}" = "$VISITOR" ] || { HEARD_BY=$VISITOR; HEARD=0; }
  for _ in $(seq 150); do
    answer=$(curl -sS "$API/v1/widget/messages?after=$HEARD" -H "authorization: Bearer $VISITOR") || return
    said=$(printf '%s' "$answer" | lines) || return
    if [ "$(printf '%s' "$said" | grep -c '')" -ge "$1" ]; then
      HEARD=$(printf '%s' "$answer" | field .cursor)
      printf '%s\\n' "$said"
      return
    fi
    sleep 0.2
  done
  printf 'Only this came, and not %s lines:\\n%s\\n' "$1" "$said" >&2
  return 1
}
`;
