/**
 * Returns where text for people goes: standard output, unless that is a pipe or a file or has been asked for as `--json`,
 * for then it belongs to programs.
 */
export function peopleStream(json: boolean): NodeJS.WriteStream {
  return process.stdout.isTTY && !json ? process.stdout : process.stderr;
}
