/** Icons of what comes later. */

export const OUT =
  "M13.5 5H19v5.5M19 5l-8 8M17 14v3.5A1.5 1.5 0 0 1 15.5 19h-9A1.5 1.5 0 0 1 5 17.5v-9A1.5 1.5 0 0 1 6.5 7H10";
export const PICTURE = "M5 5.5h14v13H5zM5 16l4.5-4.5 4 4 2.5-2.5 3 3M14.5 9.5h.01";
