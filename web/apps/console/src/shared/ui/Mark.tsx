/** The sign of the house: a speech bubble that is a clock. */
export function Mark({ size = 32 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--jade)" />
      <path
        d="M9 11.5A3.5 3.5 0 0 1 12.5 8h7a3.5 3.5 0 0 1 3.5 3.5v5a3.5 3.5 0 0 1-3.5 3.5H15l-4.2 3.6c-.6.5-1.3.1-1.3-.6z"
        fill="none"
        stroke="var(--on-jade)"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      <path
        d="M16 11v3.5l2 1.3"
        fill="none"
        stroke="var(--on-jade)"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
    </svg>
  );
}
