/** IPv6 addresses that begin so stand for the IPv4 address in their last 4 bytes (RFC 4291, section 2.5.5.2). */
const mappedPrefix = '00000000000000000000ffff';

/** Half of an IPv6 address: what a network is given, in which a host may take any address it likes (RFC 4291, section 2.5.4). */
const networkBytes = 8;

/**
 * Names whom an address belongs to: an IPv4 address by itself, also where it comes mapped into IPv6; an IPv6 address by its
 * /64 network.
 * @param address the 4 or 16 bytes of an address, in network order
 * @returns the bytes that count, in hexadecimal digits
 */
export function ownerOfAddress(address: ArrayBuffer): string {
  const digits = Buffer.from(address).toString('hex');
  if (digits.startsWith(mappedPrefix)) return digits.slice(mappedPrefix.length);
  return digits.slice(0, 2 * networkBytes);
}
