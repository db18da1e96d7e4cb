/** Icons of what comes later. */

export const OUT =
  "M13.5 5H19v5.5M19 5l-8 8M17 14v3.5A1.5 1.5 0 0 1 15.5 19h-9A1.5 1.5 0 0 1 5 17.5v-9A1.5 1.5 0 0 1 6.5 7H10";
export const PICTURE = "M5 5.5h14v13H5zM5 16l4.5-4.5 4 4 2.5-2.5 3 3M14.5 9.5h.01";
export const PAPER =
  "M14 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8zM14 3.5V8h4.5";
export const SAVE = "M12 5v10M7.5 11l4.5 4.5 4.5-4.5M6 19h12";
export const CLIP =
  "M18.5 11.5l-6.8 6.8a4.2 4.2 0 0 1-6-6l7.5-7.4a2.8 2.8 0 0 1 4 4l-7.4 7.4a1.4 1.4 0 0 1-2-2l6.4-6.4";
