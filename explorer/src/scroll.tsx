// What may be wider than the page: it scrolls by itself, by the keyboard as well.

import type { ComponentChildren } from "preact";

export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what takes no focus cannot be scrolled by keys
  <section class="scroll" tabIndex={0} aria-label={label}>
    {children}
  </section>
);
