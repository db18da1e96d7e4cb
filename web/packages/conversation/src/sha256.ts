/** SHA-256 of a text's UTF-8 bytes as hex (FIPS 180-4). Own, because `crypto.subtle` is asynchronous and absent on plain http. */

const K = new Uint32Array(64);
const INITIAL = new Uint32Array(8);

function fraction(x: number): number {
  return ((x - Math.floor(x)) * 2 ** 32) | 0;
}

(function primes(): void {
  let found = 0;
  for (let n = 2; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) INITIAL[found] = fraction(Math.sqrt(n));
    K[found++] = fraction(Math.cbrt(n));
  }
})();

export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const h = INITIAL.slice();
  for (let at = 0; at < padded.length; at += 64) block(h, view, at);
  return [...h].map((word) => word.toString(16).padStart(8, "0")).join("");
}

const w = new Uint32Array(64);

function block(h: Uint32Array, view: DataView, at: number): void {
  const word = (i: number): number => w[i] as number;
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const a = word(i - 15);
    const b = word(i - 2);
    const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    w[i] = word(i - 16) + s0 + word(i - 7) + s1;
  }
  const v = [...h] as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const [a, b, c, d, e, f, g, last] = v;
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (last + s1 + ((e & f) ^ (~e & g)) + (K[i] as number) + word(i)) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    v.pop();
    v.unshift((t1 + t2) | 0);
    v[4] = (d + t1) | 0;
  }
  for (let i = 0; i < 8; i++) h[i] = (h[i] as number) + (v[i] as number);
}

function turn(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}
