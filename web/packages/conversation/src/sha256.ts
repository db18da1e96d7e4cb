/** SHA-256 of a text's UTF-8 bytes as hex (FIPS 180-4). Own, because `crypto.subtle` is asynchronous and absent on plain http. */

type Eight = [number, number, number, number, number, number, number, number];

/** The first 32 bits of the fractional parts of the primes' square roots (8) and cube roots (64). */
const INITIAL: number[] = [];
const K: number[] = [];
for (let n = 2; K.length < 64; n++) {
  let divisor = 2;
  while (n % divisor) divisor++;
  if (divisor < n) continue;
  if (INITIAL.length < 8) INITIAL.push((n ** (1 / 2) * 2 ** 32) | 0);
  K.push((n ** (1 / 3) * 2 ** 32) | 0);
}

export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length << 3);
  let hash = INITIAL as Eight;
  for (let at = 0; at < padded.length; at += 64) hash = digest(hash, view, at);
  return hash.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function digest(hash: Eight, view: DataView, at: number): Eight {
  const w: number[] = [];
  const word = (i: number): number => w[i] as number;
  let v = hash;
  for (let i = 0; i < 64; i++) {
    w[i] = i < 16 ? view.getInt32(at + i * 4) : 0;
    if (i > 15) {
      const [x, y] = [word(i - 15), word(i - 2)];
      const [s0, s1] = [turn(x, 7) ^ turn(x, 18) ^ (x >>> 3), turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)];
      w[i] = (word(i - 16) + s0 + word(i - 7) + s1) | 0;
    }
    const [a, b, c, d, e, f, g, h] = v;
    const t1 =
      h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (K[i] as number) + word(i);
    const t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    v = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
  }
  return hash.map((one, i) => (one + (v[i] as number)) | 0) as Eight;
}

function turn(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}
