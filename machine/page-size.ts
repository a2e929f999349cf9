/** Page size of x86-64 and of nearly all arm64 kernels, in bytes. */
export const pageBytes = 4096;
