/** To the first field of a form that is wrong, once it is marked: whoever has no mouse need not look for it. */
export function focusFault(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
