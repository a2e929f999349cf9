/** What stands in place of a secret. */
const mask = '***';

const webAddress = /\b(?:wss?|https?):\/\/[^\s"'<>`\\]+/gi;

/** The headers that carry logins, as they stand in the command of a target or in a message. */
const loginHeader = /\b((?:proxy-)?authorization|cookie|set-cookie|x-api-key)(\s*:\s*)[^\r\n"']+/gi;

const secretName = String.raw`[\w.-]*(?:token|secret|passwd|password|api[-_]?key|credential)[\w.-]*`;
const value = String.raw`(?:"[^"]*"|'[^']*'|[^\s"'&;]+)`;

const isSecretName = new RegExp(`^${secretName}$`, 'i');

/** `PASSWORD=…`, `--api-key=…` and `--token …`. */
const namedSecret = new RegExp(`(${secretName}=|--${secretName} )${value}`, 'gi');

/**
 * Masks what gives access in a text that is written or shown: in web addresses the user, the password and the values of
 * the query, which is where tokens stand; the values of headers that carry logins; and values whose name says that they
 * are secret.
 */
export function maskSecrets(text: string): string {
  return text
    .replaceAll(webAddress, maskAddress)
    .replaceAll(loginHeader, `$1$2${mask}`)
    .replaceAll(namedSecret, `$1${mask}`);
}

/** Options whose value gives access, whatever it looks like. */
const secretOption = /^--cookie(=|$)/;

/** Masks what gives access in the arguments of a command line, each by itself. */
export function maskArguments(args: readonly string[]): string[] {
  return args.map((text, index) => {
    if (secretOption.test(text)) return text.replace(/=.*/s, `=${mask}`);
    return secretOption.test(args[index - 1] ?? '') && !args[index - 1]?.includes('=')
      ? mask
      : maskSecrets(text);
  });
}

/** Writes a document as JSON, with the secrets in its texts masked, and texts whose name says that they are secret; `space` as in `JSON.stringify`. */
export function toJson(document: object, space?: number): string {
  const maskText = (name: string, field: unknown): unknown => {
    if (typeof field !== 'string') return field;
    return isSecretName.test(name) ? mask : maskSecrets(field);
  };
  return JSON.stringify(document, maskText, space);
}

/** By its text rather than by URL, which would also write the address anew where there is nothing to mask. */
function maskAddress(address: string): string {
  return address
    .replace(/^(\w+:\/\/)[^/?#]*@/, `$1${mask}@`)
    .replace(/\?[^#]*/, (query) => query.replaceAll(/=[^&;]*/g, `=${mask}`))
    .replace(/\?([^=&;#]{12,})$/, `?${mask}`);
}
