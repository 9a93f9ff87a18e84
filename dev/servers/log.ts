/** Receives one line at a time about what happens: a download, a build of minutes, a server that comes up. */
export type Log = (line: string) => void;

export const logToStderr: Log = (line) => {
  process.stderr.write(`${line}\n`);
};
