// Numbers of 16 bits, which JavaScript has no arrays of everywhere.

/** The value of an IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The values of bfloat16 numbers, which are the upper halves of float32 ones. */
export function fromBfloat16(bits) {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
