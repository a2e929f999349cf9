/**
 * Tells whether a bit is set in one of the masks of `/proc/<pid>/status` (proc_pid_status(5)), such as `SigCgt` or `CapEff`,
 * which are hexadecimal. False if there is no such mask.
 * @param status text of the file
 * @param field name of the mask
 * @param bit number of the bit, from 0 for the lowest
 */
export function isMaskBitSet(status: string, field: string, bit: number): boolean {
  const mask = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0';
  return (BigInt(`0x${mask}`) & (1n << BigInt(bit))) !== 0n;
}
