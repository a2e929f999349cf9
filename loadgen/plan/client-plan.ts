import { flagOf } from '../../program/option-table.js';
import { requestTargetOf } from '../connection/target-url.js';
import { namesFile, Template } from '../connection/template.js';
import { type Behaviour, formatEnds, formatPace } from './behaviour.js';
import { type ClientOptions, splitHeader } from './client-options.js';
import { type ConversationPlan, formatReply, textOf, type TrafficPlan } from './conversation.js';
import { formatLifetime } from './lifetimes.js';
import { type MemoryLimits, usualLimits } from '../connection/memory-limits.js';
import { presets } from './presets.js';

/*
 * What the client options result in: headers, what clients say and how they behave, and the arguments for another generator.
 */

/** Returns the headers that the options ask for, as templates. */
export function headersOf(options: ClientOptions): (readonly [name: string, value: string])[] {
  const { header, cookie, origin, userAgent } = options;
  const single = { Cookie: cookie, Origin: origin, 'User-Agent': userAgent };
  return [
    ...header.map(splitHeader),
    ...Object.entries(single).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  ];
}

/** Returns the subprotocols to offer: the user's, or else those of the preset. */
export function subprotocolsOf({ subprotocol, preset }: ClientOptions): readonly string[] {
  if (subprotocol.length > 0 || preset === undefined) return subprotocol;
  return presets[preset].subprotocols;
}

/**
 * Returns what each connection says: first the opening of the preset, then the user's. The user's replies come before
 * those of the preset.
 * @throws {RangeError} if a file can't be read.
 */
export function conversationOf(options: ClientOptions): ConversationPlan {
  const preset = options.preset === undefined ? undefined : presets[options.preset];
  return {
    opening: [
      ...(preset?.opening ?? []),
      ...options.send.map((step) =>
        step.kind === 'send' ? { ...step, text: textOf(step.text) } : step,
      ),
    ],
    replies: [...options.reply, ...(preset?.replies ?? [])],
    pingMs: options.ping,
  };
}

/**
 * Returns the messages that the options ask for; undefined if they ask for none.
 * @throws {RangeError} if a file can't be read.
 */
export function trafficOf(options: ClientOptions): TrafficPlan | undefined {
  const { messageRate, message, payloadSize, expect } = options;
  if (messageRate === undefined) return undefined;
  return {
    ratePerSecond: messageRate,
    expectation: expect,
    message: message === undefined ? payloadSize : textOf(message),
  };
}

/** Returns how the clients behave; `isHeld` tells whether the run has a hold with its own length. */
export function behaviourOf(options: ClientOptions, isHeld: boolean): Behaviour {
  const { end, read, slow, lifetime, storm } = options;
  return {
    ends: end,
    pace: read,
    slowShare: slow,
    lifetime,
    stormMs: storm,
    churnsInHold: isHeld,
  };
}

/** Returns what connections may make a process keep. */
export function limitsOf({ maxMessage, maxUnsent, maxBuffered }: ClientOptions): MemoryLimits {
  return { messageBytes: maxMessage, unsentBytes: maxUnsent, totalBytes: maxBuffered };
}

/** Tells whether the options name a file that only this machine has. */
export function nameFiles(url: string, options: ClientOptions): boolean {
  const given = [...options.send, ...options.reply].flatMap((each) =>
    'text' in each ? [each.text] : [],
  );
  if (options.message !== undefined) given.push(options.message);
  const texts = [url, ...given, ...headersOf(options).map(([, value]) => value)];
  return texts.some(namesFile) || given.some((text) => text.startsWith('@'));
}

/** Tells whether all clients end with a close handshake. */
export function hasPoliteEnds({ end }: ClientOptions): boolean {
  return end.every(({ mode }) => mode === 'close');
}

/** Tells whether some clients leave without a word, so that their connections stay open. */
export function hasSilentEnds({ end }: ClientOptions): boolean {
  return end.some(({ mode }) => mode === 'silent');
}

/** Returns the options as arguments for another `tidemark loadgen`. */
export function clientArguments(options: ClientOptions): string[] {
  const list = (name: keyof ClientOptions, texts: readonly string[]): string[] =>
    texts.map((text) => `${flagOf(name)}=${text}`);
  const { messageRate, message, payloadSize, subprotocol, ping, lifetime, read, storm } = options;
  return [
    ...list('header', options.header),
    ...(['cookie', 'origin', 'userAgent', 'preset'] as const).flatMap((name) =>
      options[name] === undefined ? [] : list(name, [options[name]]),
    ),
    ...(subprotocol.length === 0 ? [] : list('subprotocol', [subprotocol.join()])),
    ...options.send.flatMap((step) => {
      if (step.kind === 'send binary') return [];
      return step.kind === 'send' ? list('send', [step.text]) : list('await', [step.pattern]);
    }),
    ...list('reply', options.reply.map(formatReply)),
    ...(ping === undefined ? [] : list('ping', [`${ping}ms`])),
    ...(messageRate === undefined
      ? []
      : [
          ...list('messageRate', [String(messageRate)]),
          ...list('expect', [options.expect]),
          ...(message === undefined
            ? list('payloadSize', [`${payloadSize}B`])
            : list('message', [message])),
        ]),
    ...(lifetime === undefined ? [] : list('lifetime', [formatLifetime(lifetime)])),
    ...(hasPoliteEnds(options) ? [] : list('end', [formatEnds(options.end)])),
    ...(read === undefined
      ? []
      : [...list('read', [formatPace(read)]), ...list('slow', [`${options.slow * 100}%`])]),
    ...(storm === undefined ? [] : list('storm', [`${storm}ms`])),
    ...limitArguments(options),
  ];
}

function limitArguments(options: ClientOptions): string[] {
  const { messageBytes, unsentBytes, totalBytes } = limitsOf(options);
  const limits = [
    ['maxMessage', messageBytes, usualLimits.messageBytes],
    ['maxUnsent', unsentBytes, usualLimits.unsentBytes],
    ['maxBuffered', totalBytes, usualLimits.totalBytes],
  ] as const;
  return limits.flatMap(([name, bytes, usual]) =>
    bytes === usual ? [] : [`${flagOf(name)}=${bytes}B`],
  );
}

/**
 * Returns what is wrong with the placeholders of an address and of the headers: files that can't be read, or that have
 * fewer lines than there are connections at once.
 */
export function findTemplateProblems(
  url: string,
  options: ClientOptions,
  connections: number,
): string[] {
  const { opening, replies } = conversationOf(options);
  const message = trafficOf(options)?.message;
  const texts = [
    requestTargetOf(url),
    ...headersOf(options).map(([, value]) => value),
    ...[...opening, ...replies].flatMap((each) => ('text' in each ? [each.text] : [])),
    ...(typeof message === 'string' ? [message] : []),
  ];
  return texts.filter(namesFile).flatMap((text) => {
    try {
      const { distinctLines } = new Template(text);
      if (distinctLines >= connections) return [];
      return [
        `${JSON.stringify(text)} has ${distinctLines} lines for ${connections} connections: each needs its own`,
      ];
    } catch (error) {
      if (error instanceof RangeError) return [`${JSON.stringify(text)}: ${error.message}`];
      throw error;
    }
  });
}
