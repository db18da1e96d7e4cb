/** Where `one` belongs in an ordered list: the first place whose holder does not stand before it. */
export function placeOf<T>(list: readonly T[], one: T, compare: (a: T, b: T) => number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle] as T, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
